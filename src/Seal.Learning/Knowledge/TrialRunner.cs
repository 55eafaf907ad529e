using System.Diagnostics;
using System.Text.Json.Serialization;
using Seal.Kernels;
using Seal.Learning.Journal;
using Seal.Models;

namespace Seal.Learning.Knowledge;

/// <summary>Everything beside the trial itself that determines an outcome.</summary>
public sealed record TrialSettings
{
    /// <summary>Whose weights are adapted and examined.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Learner Learner { get; init; }

    public SequenceRules Rules { get; init; } = SequenceRules.Default;

    public InnerSettings Inner { get; init; } = new();

    public ExamSettings Exam { get; init; } = new();

    /// <summary>Adapters trained and examined together. The plan of batches follows from it, so it belongs to what determines the bits.</summary>
    public int Lockstep { get; init; } = 6;

    /// <exception cref="SealException">A value is out of range.</exception>
    public TrialSettings Validated()
    {
        Inner.Validated();
        Exam.Validated();
        return Lockstep is >= 1 and <= 1024 ? this : throw new SealException($"trial.lockstep is {Lockstep}; expected 1 to 1024");
    }
}

/// <summary>Trials on passages: a self-edit becomes training texts, these an adapter, which then answers the passage's questions.</summary>
public sealed class TrialRunner(LanguageModel model, TrialSettings settings, IJudge judge, RunJournal journal) : Trials(settings.Lockstep, journal)
{
    protected override IReadOnlyList<Outcome> RunGroup(Trial[] group, Job[] jobs, CancellationToken cancel)
    {
        var watch = Stopwatch.StartNew();
        WrittenSelfEdit?[] written = [.. group.Select(trial => trial.SelfEdit is { } text ? WrittenSelfEdit.Read(text, settings.Rules) : null)];
        // The bare model needs no adapter: such trials go straight to the exam, as do those of a self-edit that cannot be used.
        var taught = group.Index().Where(item => written[item.Index] is { Problem: null }).ToList();
        Lesson[] lessons = [.. taught.Select(item => written[item.Index]!.Lesson((Passage)item.Item.Task, settings.Rules, item.Item.Seed))];
        using AdapterTrainer? trainer = lessons.Length == 0 ? null : new InnerLoop(model, settings.Inner).Train(lessons, cancel: cancel);
        int[] slots = [.. group.Select((trial, i) => taught.FindIndex(item => item.Index == i))];
        IReadOnlyList<ExamResult> exams = new Exam(model, settings.Exam, judge)
            .Take([.. group.Select((trial, i) => new Sitting((Passage)trial.Task, slots[i]))], trainer?.Adapters, cancel: cancel);
        var outcomes = new Outcome[group.Length];
        for (int i = 0; i < group.Length; i++)
        {
            LessonRecord record = slots[i] < 0 ? new LessonRecord(0, []) : LessonRecord.Of(trainer!, slots[i]);
            outcomes[i] = new Outcome(slots[i] < 0 ? [] : lessons[slots[i]].Texts, record.Tokens, record.Losses, exams[i]) { Invalid = written[i]?.Problem };
        }
        if (trainer is not null)
            Finished?.Invoke([.. taught.Select(item => (jobs[item.Index], item.Item, outcomes[item.Index]))], trainer);
        return Journal.Store([.. jobs.Zip(outcomes)], watch.Elapsed);
    }

    public override Job JobOf(Trial trial, int round) => Job.Of(trial.SelfEdit is null ? "exam" : "adapt", round, new
    {
        Model = model.Weights.Digest,
        model.Operators.Numerics,
        Dtype = model.Operators.Activation,
        Passage = trial.Task.Digest,
        trial.Task.Title,
        trial.SelfEdit,
        Seed = trial.SelfEdit is null ? 0 : trial.Seed,
        Settings = settings,
        Judge = judge.Name,
    });
}
