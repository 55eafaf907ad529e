using Seal.Kernels;
using Seal.Models;
using Seal.Models.Text;

namespace Seal.Learning.FewShot;

/// <summary>Exercises and prompts as tokens: the task's text in the model's chat format, or plain.</summary>
public sealed class TaskTokens(LanguageModel model, FewShotSettings settings)
{
    // More bytes than instruction and chat template add to the grids.
    private const int Frame = 1500;

    /// <summary>Tokens of a prompt with its answer at most.</summary>
    public int Limit { get; } = Math.Min(settings.MaxTokens, model.Config.MaxPositions);

    /// <summary>What the model is asked: it goes on with the output.</summary>
    public int[] Prompt(TestPrompt prompt) => model.Tokenizer.Encode(Opening(prompt.Demonstrations, prompt.Input));

    /// <summary>The answer that would be right, terminator included, in the orientation of the prompt.</summary>
    public int[] Answer(Grid output) => model.Tokenizer.Encode(TaskText.Answer(output, settings.Grids));

    /// <summary>An exercise to be learned; null where it is too long for the model.</summary>
    public TrainingSequence? Sequence(Exercise exercise, LossScope loss)
    {
        string opening = Opening(exercise.Demonstrations, exercise.HeldOut.Input), rest = Closing(exercise, opening);
        int[] prompt = model.Tokenizer.Encode(opening);
        int[] tokens = [.. prompt, .. model.Tokenizer.Encode(rest)];
        int from = prompt.Length;
        if (!settings.Chat && model.Config.EosTokenIds is [int end, ..])
            tokens = [.. tokens, end];
        // The text begins with the token, and the published tokenizer adds another one (C23).
        if (settings.AsPublished && model.Config.BosTokenId is int bos && tokens[0] == bos)
            (tokens, from) = ([bos, .. tokens], from + 1);
        return tokens.Length < Limit ? new TrainingSequence(tokens, loss == LossScope.All ? 1 : from) : null;
    }

    /// <summary>Whether an exercise is so short that its tokens need not be counted: no token is shorter than a byte.</summary>
    public bool IsShort(Exercise exercise) =>
        Frame + exercise.Grids.Sum(grid => grid.Rows * (2 * grid.Columns + 3) + 8) < Limit;

    /// <summary>A conversation with an open assistant turn.</summary>
    public string Chat(string system, string user) => Render([new ChatMessage("system", system), new ChatMessage("user", user)], open: true);

    private string Opening(IReadOnlyList<Pair> demonstrations, Grid input) => settings.Chat
        ? Chat(TaskText.System(demonstrations, settings.Grids), TaskText.User(input, settings.Grids))
        : TaskText.System(demonstrations, settings.Grids) + TaskText.User(input, settings.Grids);

    /// <summary>What follows the opening: the answer and the end of its turn; as published, also the head of another answer.</summary>
    private string Closing(Exercise exercise, string opening)
    {
        string answer = TaskText.Answer(exercise.HeldOut.Output, settings.Grids);
        if (!settings.Chat)
            return answer;
        string whole = Render(
            [new ChatMessage("system", TaskText.System(exercise.Demonstrations, settings.Grids)), new ChatMessage("user", TaskText.User(exercise.HeldOut.Input, settings.Grids)), new ChatMessage("assistant", answer)],
            open: settings.AsPublished);
        if (!whole.StartsWith(opening, StringComparison.Ordinal))
            throw new SealException("the model's chat template renders a conversation otherwise once it is answered, so there is no telling where the answer begins; set few_shot.chat=false");
        return settings.AsPublished ? whole[opening.Length..] : whole[opening.Length..].TrimEnd('\n');
    }

    private string Render(ChatMessage[] messages, bool open)
    {
        ChatTemplate template = model.ChatTemplate
            ?? throw new SealException("few_shot.chat is set, but the model brings no chat template; set few_shot.chat=false to show tasks as plain text");
        var variables = new Dictionary<string, object?>
        {
            ["messages"] = messages,
            ["tools"] = null,
            ["documents"] = null,
            ["add_generation_prompt"] = open,
            ["date_string"] = settings.Date,
        };
        if (model.Config.BosTokenId is int bos)
            variables["bos_token"] = model.Tokenizer.Decode([bos]);
        if (model.Config.EosTokenIds is [int eos, ..])
            variables["eos_token"] = model.Tokenizer.Decode([eos]);
        return template.Render(variables);
    }
}
