using Seal.Kernels;
using Seal.Models;
using Seal.Models.Text;

namespace Seal.Learning.Knowledge;

/// <summary>Lets a model write its own training material about passages.</summary>
public sealed class SelfEditSampler(LanguageModel model, SelfEditSettings settings)
{
    private readonly SelfEditPrompt _prompt = SelfEditPrompt.Named(settings.Prompt);

    /// <summary>What the model is given to continue.</summary>
    /// <exception cref="SealException">The chat form is asked for, but the model brings no chat template.</exception>
    public string Prompt(Passage passage)
    {
        if (!settings.Chat)
            return _prompt.Base(passage);
        ChatTemplate template = model.ChatTemplate
            ?? throw new SealException("self_edit.chat is on, but the model brings no chat template; set self_edit.chat=false to ask in the base format");
        return model.Chat(template, [new ChatMessage("system", _prompt.System), new ChatMessage("user", _prompt.User(passage))]);
    }

    /// <returns>One self-edit a passage and seed, in order, without white space around it.</returns>
    /// <param name="progress">Told the number of tokens drawn since the last call.</param>
    public string[] Write(IReadOnlyList<(Passage Passage, ulong Seed)> asked, Action<int>? progress = null, CancellationToken cancel = default)
    {
        var requests = asked.Select(item => new GenerationRequest(
            model.Tokenizer.Encode(Prompt(item.Passage)), settings.MaxTokens, settings.Sampling, item.Seed)).ToList();
        return [.. new Generator(model.Transformer, model.Tokenizer).Run(requests, null, progress, cancel).Select(generation => generation.Text.Trim())];
    }
}
