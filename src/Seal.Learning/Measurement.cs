using Seal.Kernels;
using Seal.Learning.Journal;
using Seal.Learning.Knowledge;
using Seal.Models;

namespace Seal.Learning;

/// <summary>Measures ways to learn on the same tasks, each an <see cref="Arm"/> of journaled trials.</summary>
/// <param name="selfEdits">Of a policy for each task.</param>
public sealed class Measurement(RunSettings settings, IReadOnlyList<ITask> tasks, int selfEdits, RunJournal journal, IJudge judge, CancellationToken cancel)
{
    /// <summary>Told the arm and where it stands.</summary>
    public Action<string, TrainingProgress>? Progress { get; init; }

    public IReadOnlyList<ITask> Tasks => tasks;

    /// <summary>Self-edits that a policy writes, learned by itself or, where the settings say so, by the bare model.</summary>
    /// <param name="round">The round that made the policy; 0 for the base model.</param>
    public Arm SelfEdits(LanguageModel policy, LanguageModel bare, string name, int round)
    {
        IReadOnlyList<SelfEdit> edits = [.. Domains.Of(settings, judge).Sampler(policy).Sample(
            tasks, selfEdits, round, settings.Seed, journal, (done, total) => Report(name, done, total, "read"), cancel).SelectMany(list => list)];
        LanguageModel learner = settings.Trial.Learner == Learner.Base ? bare : policy;
        return new Arm(name, edits, Learn(learner, name, settings, [.. edits.Select((edit, i) => Trial(tasks[i / selfEdits], edit.Text, i % selfEdits))]));
    }

    /// <summary>The same self-edits for every task, which no policy wrote.</summary>
    /// <param name="under">The settings of the run, or with a part changed.</param>
    /// <param name="given">null: no update.</param>
    public Arm Given(LanguageModel model, string name, RunSettings under, params IReadOnlyList<string?> given) =>
        new(name, [], Learn(model, name, under, [.. tasks.SelectMany(task => given.Select((edit, k) => Trial(task, edit, k)))]));

    private IReadOnlyList<Outcome> Learn(LanguageModel learner, string name, RunSettings under, Trial[] trials)
    {
        Trials runner = Domains.Of(under, judge).Trials(learner, journal, (done, total, tokens) => Report(name, done, total, $"{tokens:N0} tokens trained"));
        return [.. runner.Run(trials, 0, cancel).Select(result => result.Outcome)];
    }

    // A task's trials start from the same adapter whatever they learn, so that what differs is the self-edit.
    private Trial Trial(ITask task, string? selfEdit, int k) =>
        new(task, selfEdit, CounterRandom.Derive(settings.Seed, $"evaluation {task.Digest} {k}"));

    private void Report(string name, int done, int total, string detail) => Progress?.Invoke(name, new TrainingProgress(0, name, done, total, detail));
}
