using Seal.Kernels;
using Seal.Learning.Journal;
using Seal.Models;
using Seal.Models.Text;

namespace Seal.Learning.FewShot;

/// <summary>Lets a policy choose how a task is to be learned: in the form of the self-edit's JSON, or freely and again until it can be read.</summary>
public sealed class FewShotSampler(LanguageModel policy, FewShotSettings settings, SelfEditSettings selfEdit) : SelfEditSampling
{
    private TokenForm? _form;

    public override string Prompt(ITask task)
    {
        IReadOnlyList<Pair> demonstrations = ((ArcTask)task).Demonstrations;
        if (settings.AsPublished)
        {
            // The text begins with the token, and the published tokenizer adds another one (C23).
            string prompt = SelfEditRequest.Llama3(demonstrations);
            return policy.Config.BosTokenId is int bos && policy.Tokenizer.Decode([bos]) is { Length: > 0 } text && prompt.StartsWith(text, StringComparison.Ordinal) ? text + prompt : prompt;
        }
        if (settings.Grids == GridForm.Digits)
            return SelfEditRequest.Short(demonstrations);
        return settings.Chat
            ? new TaskTokens(policy, settings).Chat(SelfEditRequest.System, SelfEditRequest.User(demonstrations))
            : $"{SelfEditRequest.System}\n\n{SelfEditRequest.User(demonstrations)}\n";
    }

    public override IReadOnlyList<SelfEdit> Write(IReadOnlyList<(ITask Task, ulong Seed)> asked, Action<int>? progress = null, CancellationToken cancel = default)
    {
        int[][] prompts = [.. asked.Select(item => Tokens(item.Task))];
        var written = new SelfEdit[asked.Count];
        int[] waiting = [.. Enumerable.Range(0, asked.Count)];
        for (int attempt = 0; waiting.Length > 0; attempt++)
        {
            GenerationRequest[] requests = [.. waiting.Select(i => new GenerationRequest(
                prompts[i], MaxTokens, selfEdit.Sampling, attempt == 0 ? asked[i].Seed : CounterRandom.Derive(asked[i].Seed, $"again {attempt}"), Form: Form))];
            Generation[] generations = new Generator(policy.Transformer, policy.Tokenizer, MaxBatch).Run(requests, null, progress, cancel);
            foreach ((int i, Generation generation) in waiting.Zip(generations))
                written[i] = new SelfEdit(settings.AsPublished ? generation.Text : generation.Text.Trim(), generation.Tokens.Length, generation.Finish);
            // The last attempt stands, readable or not: it is a candidate that is counted.
            waiting = attempt == settings.Retries ? [] : [.. waiting.Where(i => !CanBeRead(written[i].Text))];
        }
        return written;
    }

    public override Job JobOf(ITask task, int candidate, int candidates, int round, ulong seed) => Job.Of("sample", round, new
    {
        Model = policy.Weights.Digest,
        policy.Operators.Numerics,
        Dtype = policy.Operators.Activation,
        Task = task.Digest,
        task.Title,
        Candidate = candidate,
        Candidates = candidates,
        Settings = selfEdit,
        FewShot = settings.Shown,
        Seed = SeedOf(task, candidate, seed),
    });

    private TokenForm? Form => settings.Constrained ? _form ??= new TokenForm(ConfigurationText.Form, policy.Tokenizer) : null;

    // In the form there is room for any text of it, however it is spelled.
    private int MaxTokens => Form?.LongestTokens ?? selfEdit.MaxTokens;

    private bool CanBeRead(string text) =>
        settings.AsPublished ? PublishedConfiguration.Read(text) is not null : ConfigurationText.Read(text).Configuration is not null;

    private int[] Tokens(ITask task)
    {
        int[] tokens = policy.Tokenizer.Encode(Prompt(task));
        return tokens.Length + MaxTokens <= policy.Config.MaxPositions
            ? tokens
            : throw new SealException($"task '{task.Title}': asking for a self-edit takes {tokens.Length} tokens and {MaxTokens} for the answer, the model has {policy.Config.MaxPositions} positions; leave the task out with few_shot.ids");
    }
}
