using Seal.Kernels;
using Seal.Learning.Journal;
using Seal.Models;

namespace Seal.Learning.FewShot;

/// <summary>What a way of learning came to: for each task, in order, its trials.</summary>
public sealed record TaskOutcomes(string Name, IReadOnlyList<IReadOnlyList<Outcome>> Tasks);

/// <summary>Ways to solve the same tasks, as journaled trials: no update, one fixed configuration, self-edits, the best of several configurations.</summary>
public sealed class FewShotComparison(RunSettings settings, RunJournal journal)
{
    private readonly FewShotDomain _domain = new(settings);

    /// <summary>Told what is done: its name, trials done and in all, and the tokens trained on.</summary>
    public Action<string, int, int, long>? Progress { get; init; }

    /// <summary>Every task in the prompt alone.</summary>
    public TaskOutcomes InContext(LanguageModel model, IReadOnlyList<ITask> tasks, CancellationToken cancel = default) =>
        Run("in-context", model, tasks, (_, _) => [null], cancel);

    /// <summary>Test-time training with one configuration for all.</summary>
    public TaskOutcomes FixedConfiguration(LanguageModel model, IReadOnlyList<ITask> tasks, CancellationToken cancel = default) =>
        Run(_domain.Words.Baseline, model, tasks, (_, _) => [_domain.Baseline], cancel);

    /// <summary>Self-edits that a policy writes, learned by itself.</summary>
    public TaskOutcomes SelfEdits(string name, LanguageModel policy, IReadOnlyList<ITask> tasks, CancellationToken cancel = default)
    {
        IReadOnlyList<IReadOnlyList<SelfEdit>> edits = _domain.Sampler(policy).Sample(
            tasks, settings.Candidates, round: 0, settings.Seed, journal, (done, total) => Progress?.Invoke($"{name}, sampling", done, total, 0), cancel);
        return Run(name, policy, tasks, (_, t) => [.. edits[t].Select(edit => edit.Text)], cancel);
    }

    /// <summary>For each task the best of the configurations in <c>few_shot.oracle</c>, chosen by its solution: what a perfect policy could reach with these.</summary>
    public TaskOutcomes Oracle(LanguageModel model, IReadOnlyList<ITask> tasks, CancellationToken cancel = default)
    {
        TaskOutcomes all = Run("oracle", model, tasks, (_, _) => [.. settings.FewShot!.Oracle.Select(configuration => configuration.Text())], cancel);
        return new TaskOutcomes($"oracle over {settings.FewShot!.Oracle.Count}", [.. all.Tasks.Select(outcomes => new[]
        {
            outcomes.OrderByDescending(outcome => outcome.Exam.Accuracy()).ThenByDescending(outcome => outcome.Exam.F1()).First(),
        })]);
    }

    private TaskOutcomes Run(string name, LanguageModel model, IReadOnlyList<ITask> tasks, Func<ITask, int, string?[]> selfEdits, CancellationToken cancel)
    {
        string?[][] edits = [.. tasks.Select(selfEdits)];
        Trial[] trials = [.. tasks.SelectMany((task, t) => edits[t].Select((edit, k) => new Trial(task, edit, CounterRandom.Derive(settings.Seed, $"trial {task.Digest} {k}"))))];
        Outcome[] outcomes = [.. _domain.Trials(model, journal, (done, total, tokens) => Progress?.Invoke(name, done, total, tokens)).Run(trials, round: 0, cancel).Select(result => result.Outcome)];
        int at = 0;
        var byTask = new List<IReadOnlyList<Outcome>>();
        foreach (string?[] of in edits)
        {
            byTask.Add(outcomes[at..(at + of.Length)]);
            at += of.Length;
        }
        return new TaskOutcomes(name, byTask);
    }
}
