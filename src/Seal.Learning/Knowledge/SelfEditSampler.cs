using Seal.Kernels;
using Seal.Learning.Journal;
using Seal.Models;
using Seal.Models.Text;

namespace Seal.Learning.Knowledge;

/// <summary>Lets a model write its own training material about passages.</summary>
public sealed class SelfEditSampler(LanguageModel policy, SelfEditSettings settings) : SelfEditSampling
{
    private readonly SelfEditPrompt _prompt = SelfEditPrompt.Named(settings.Prompt);

    /// <inheritdoc/>
    /// <exception cref="SealException">Chat was asked for and the model brings no chat template.</exception>
    public override string Prompt(ITask task)
    {
        var passage = (Passage)task;
        if (!settings.Chat)
            return _prompt.Base(passage);
        ChatTemplate template = policy.ChatTemplate
            ?? throw new SealException("self_edit.chat is set, but the model brings no chat template; set self_edit.chat=false to use the base format");
        return policy.Chat(template, [new ChatMessage("system", _prompt.System), new ChatMessage("user", _prompt.User(passage))]);
    }

    /// <returns>One self-edit a passage and seed, in order, without white space around it.</returns>
    /// <inheritdoc/>
    public override IReadOnlyList<SelfEdit> Write(IReadOnlyList<(ITask Task, ulong Seed)> asked, Action<int>? progress = null, CancellationToken cancel = default)
    {
        var requests = asked.Select(item => new GenerationRequest(
            policy.Tokenizer.Encode(Prompt(item.Task)), settings.MaxTokens, settings.Sampling, item.Seed)).ToList();
        Generation[] generations = new Generator(policy.Transformer, policy.Tokenizer, MaxBatch).Run(requests, null, progress, cancel);
        return [.. generations.Select(generation => new SelfEdit(generation.Text.Trim(), generation.Tokens.Length, generation.Finish))];
    }

    public override Job JobOf(ITask task, int candidate, int candidates, int round, ulong seed) => Job.Of("sample", round, new
    {
        Model = policy.Weights.Digest,
        policy.Operators.Numerics,
        Dtype = policy.Operators.Activation,
        Passage = task.Digest,
        task.Title,
        Candidate = candidate,
        Candidates = candidates,
        Settings = settings,
        Seed = SeedOf(task, candidate, seed),
    });
}
