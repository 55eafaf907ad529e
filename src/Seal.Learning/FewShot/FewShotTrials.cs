using System.Diagnostics;
using Seal.Kernels;
using Seal.Learning.Journal;
using Seal.Learning.Knowledge;
using Seal.Models;

namespace Seal.Learning.FewShot;

/// <summary>Trials on ARC tasks: a self-edit makes a training set of the demonstrations, that an adapter, which then solves the test inputs.</summary>
public sealed class FewShotTrials(LanguageModel model, FewShotSettings settings, TrialSettings trial, RunJournal journal) : Trials(trial.Lockstep, journal)
{
    public override Job JobOf(Trial item, int round) => Job.Of(item.SelfEdit is null ? "exam" : "adapt", round, new
    {
        Model = model.Weights.Digest,
        model.Operators.Numerics,
        Dtype = model.Operators.Activation,
        Task = item.Task.Digest,
        item.Task.Title,
        item.SelfEdit,
        Seed = item.SelfEdit is null ? 0 : item.Seed,
        Settings = settings.Shown,
        trial.Inner.Lora,
        trial.Inner.Optimizer,
        trial.Inner.BatchSequences,
        trial.Lockstep,
        Judge = FewShotDomain.Comparison,
    });

    protected override IReadOnlyList<Outcome> RunGroup(Trial[] group, Job[] jobs, CancellationToken cancel)
    {
        var watch = Stopwatch.StartNew();
        Drill?[] drills = [.. group.Select(item => item.SelfEdit is null ? null : Drill.Of(
            (ArcTask)item.Task, item.SelfEdit, model, settings, trial.Inner.BatchSequences, CounterRandom.Derive(item.Seed, "order")))];
        // What trains nothing needs no adapter: it would change nothing.
        int[] taught = [.. Enumerable.Range(0, group.Length).Where(i => drills[i] is { Batches.Count: > 0 })];
        using AdapterTrainer? trainer = taught.Length == 0 ? null : InnerLoop.Train(model, [.. taught.Select(i => TrainingJobOf(group[i], drills[i]!))], null, cancel);
        IReadOnlyList<ExamResult> exams = new GridExam(model, settings).Take(
            [.. group.Select((item, i) => new GridSitting((ArcTask)item.Task, Array.IndexOf(taught, i)))], trainer?.Adapters, cancel);
        Outcome[] outcomes = [.. group.Select((_, i) => OutcomeOf(drills[i], Array.IndexOf(taught, i), trainer, exams[i]))];
        if (trainer is not null)
            Finished?.Invoke([.. taught.Select(i => (jobs[i], group[i], outcomes[i]))], trainer);
        return Journal.Store([.. jobs.Zip(outcomes)], watch.Elapsed);
    }

    private TrainingJob TrainingJobOf(Trial item, Drill drill) => new(
        LoraAdapter.Create(model.Config, trial.Inner.Lora, CounterRandom.Derive(item.Seed, "adapter")),
        drill.Batches,
        trial.Inner.Optimizer with { LearningRate = drill.LearningRate });

    private static Outcome OutcomeOf(Drill? drill, int slot, AdapterTrainer? trainer, ExamResult exam) => drill is null
        ? new Outcome([], 0, [], exam)
        : new Outcome([drill.Summary], drill.Tokens, slot < 0 ? [] : [.. trainer!.History(slot).Select(step => step.Loss)], exam) { Invalid = drill.Problem };
}
