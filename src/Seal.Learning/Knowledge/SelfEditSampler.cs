using System.Diagnostics;
using Seal.Kernels;
using Seal.Learning.Journal;
using Seal.Models;
using Seal.Models.Text;

namespace Seal.Learning.Knowledge;

/// <summary>A self-edit as the policy wrote it.</summary>
/// <param name="Finish">How it ended; one cut off by its length is used as it is.</param>
public sealed record SelfEdit(string Text, int Tokens, FinishReason Finish);

/// <summary>Lets a model write its own training material about passages.</summary>
public sealed class SelfEditSampler(LanguageModel policy, SelfEditSettings settings)
{
    // Sequences that are decoded together. More gain little on a CPU and hold more of the cache.
    private const int MaxBatch = 32;

    private readonly SelfEditPrompt _prompt = SelfEditPrompt.Named(settings.Prompt);

    /// <summary>What the policy is shown for a passage: the text that self-edits continue, and that the policy is later tuned on.</summary>
    /// <exception cref="SealException">Chat was asked for and the model brings no chat template.</exception>
    public string Prompt(Passage passage)
    {
        if (!settings.Chat)
            return _prompt.Base(passage);
        ChatTemplate template = policy.ChatTemplate
            ?? throw new SealException("self_edit.chat is set, but the model brings no chat template; set self_edit.chat=false to use the base format");
        return policy.Chat(template, [new ChatMessage("system", _prompt.System), new ChatMessage("user", _prompt.User(passage))]);
    }

    /// <returns>One self-edit a passage and seed, in order, without white space around it.</returns>
    /// <param name="progress">Told the number of tokens drawn since the last call.</param>
    public IReadOnlyList<SelfEdit> Write(IReadOnlyList<(Passage Passage, ulong Seed)> asked, Action<int>? progress = null, CancellationToken cancel = default)
    {
        var requests = asked.Select(item => new GenerationRequest(
            policy.Tokenizer.Encode(Prompt(item.Passage)), settings.MaxTokens, settings.Sampling, item.Seed)).ToList();
        Generation[] generations = new Generator(policy.Transformer, policy.Tokenizer, MaxBatch).Run(requests, null, progress, cancel);
        return [.. generations.Select(generation => new SelfEdit(generation.Text.Trim(), generation.Tokens.Length, generation.Finish))];
    }

    /// <summary>Samples <paramref name="candidates"/> self-edits of every passage, as journaled jobs in batches that follow from the settings alone.</summary>
    /// <param name="seed">The round's seed.</param>
    /// <param name="progress">Told passages done and in all.</param>
    /// <returns>One list a passage, in order.</returns>
    public IReadOnlyList<IReadOnlyList<SelfEdit>> Sample(
        IReadOnlyList<Passage> passages, int candidates, int round, ulong seed, RunJournal journal, Action<int, int>? progress = null, CancellationToken cancel = default)
    {
        var results = new List<IReadOnlyList<SelfEdit>>();
        foreach (Passage[] group in passages.Chunk(Math.Max(1, MaxBatch / candidates)))
        {
            Job[] jobs = [.. group.SelectMany(passage => Enumerable.Range(0, candidates).Select(k => JobOf(passage, k, candidates, round, seed)))];
            IReadOnlyList<SelfEdit> edits = journal.FindAll<SelfEdit>(jobs) ?? WriteAndStore();
            results.AddRange(edits.Chunk(candidates));
            progress?.Invoke(results.Count, passages.Count);

            IReadOnlyList<SelfEdit> WriteAndStore()
            {
                var watch = Stopwatch.StartNew();
                IReadOnlyList<SelfEdit> written = Write(
                    [.. group.SelectMany(passage => Enumerable.Range(0, candidates).Select(k => (passage, SeedOf(passage, k, seed))))], cancel: cancel);
                return journal.Store([.. jobs.Zip(written)], watch.Elapsed);
            }
        }
        return results;
    }

    /// <summary>The job of sampling one self-edit.</summary>
    public Job JobOf(Passage passage, int candidate, int candidates, int round, ulong seed) => Job.Of("sample", round, new
    {
        Model = policy.Weights.Digest,
        policy.Operators.Numerics,
        Dtype = policy.Operators.Activation,
        Passage = TrialRunner.DigestOf(passage),
        passage.Title,
        Candidate = candidate,
        Candidates = candidates,
        Settings = settings,
        Seed = SeedOf(passage, candidate, seed),
    });

    private static ulong SeedOf(Passage passage, int candidate, ulong seed) =>
        CounterRandom.Derive(seed, $"self-edit {TrialRunner.DigestOf(passage)} {candidate}");
}
