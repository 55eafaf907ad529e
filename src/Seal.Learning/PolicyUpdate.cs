using System.Diagnostics;
using Seal.Kernels;
using Seal.Learning.Journal;
using Seal.Models;

namespace Seal.Learning;

/// <summary>What an M-step did.</summary>
/// <param name="Adapter">Digest of the policy's new adapter.</param>
/// <param name="Losses">Mean loss of each optimizer step, on the self-edits' tokens alone.</param>
public sealed record PolicyRecord(string Adapter, IReadOnlyList<double> Losses);

/// <summary>
/// The M-step: a new LoRA on the merged policy, fine-tuned to write the self-edits that were kept. The loss counts the self-edit and its
/// end, never the prompt.
/// </summary>
public sealed class PolicyUpdate(LanguageModel policy, PolicySettings settings, RunJournal journal)
{
    /// <summary>Trains the adapter, or reads it from <paramref name="folder"/> when the journal and the folder both have it.</summary>
    /// <param name="rows">What the policy was shown and what it should have written.</param>
    public (PolicyRecord Record, LoraAdapter Adapter) Run(
        IReadOnlyList<SftRow> rows, int round, ulong seed, string folder, Action<int, int>? progress = null, CancellationToken cancel = default)
    {
        Job job = Job.Of("policy", round, new
        {
            Model = policy.Weights.Digest,
            policy.Operators.Numerics,
            Dtype = policy.Operators.Activation,
            Rows = rows,
            Settings = settings,
            Seed = seed,
        });
        if (journal.Find<PolicyRecord>(job) is { } known && Stored(folder) is { } stored && stored.Digest == known.Adapter)
            return (known, stored);
        var watch = Stopwatch.StartNew();
        LoraAdapter start = LoraAdapter.Create(policy.Config, settings.Lora, CounterRandom.Derive(seed, "adapter"));
        var batches = EpochBatches.Of([.. rows.Select(Sequence)], settings.Epochs, settings.BatchSequences, CounterRandom.Derive(seed, "order"));
        using var trainer = new AdapterTrainer(policy.Transformer, [new TrainingJob(start, batches, settings.Optimizer)]);
        trainer.Run(done => progress?.Invoke(done, trainer.Batches), cancel);
        LoraAdapter adapter = trainer.Adapter(0);
        adapter.Write(folder);
        var record = new PolicyRecord(adapter.Digest, [.. trainer.History(0).Select(step => step.Loss)]);
        journal.Store([(job, record)], watch.Elapsed);
        return (record, adapter);
    }

    // A folder that is gone, or was left half-written, is written again.
    private LoraAdapter? Stored(string folder)
    {
        try
        {
            return LoraAdapter.Read(folder, policy.Config);
        }
        catch (SealException)
        {
            return null;
        }
    }

    private TrainingSequence Sequence(SftRow row)
    {
        int[] prompt = policy.Tokenizer.Encode(row.Prompt), completion = policy.Tokenizer.Encode(row.Completion);
        int[] end = policy.Config.EosTokenIds is [int token, ..] ? [token] : [];
        return new TrainingSequence([.. prompt, .. completion, .. end], prompt.Length);
    }
}
