using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Seal.Kernels;
using Seal.Learning.Journal;
using Seal.Models;

namespace Seal.Learning.Knowledge;

/// <summary>Everything beside the trial itself that determines an outcome.</summary>
public sealed record TrialSettings
{
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

/// <summary>
/// Runs trials as journaled jobs: groups of them train in lockstep and sit the exam in one batch. A group whose jobs are all in the journal
/// is read, not run; a group that was interrupted is run whole again.
/// </summary>
public sealed class TrialRunner(LanguageModel model, TrialSettings settings, IJudge judge, RunJournal journal)
{
    /// <summary>Called with the texts of progress, e.g. for a progress bar: done and total trials, and tokens trained on so far.</summary>
    public Action<int, int, long>? Progress { get; init; }

    /// <summary>Sees the adapters of a group before they are gone: to keep one.</summary>
    public Action<IReadOnlyList<(Job Job, Trial Trial, Outcome Outcome)>, AdapterTrainer>? Finished { get; init; }

    /// <returns>One outcome a trial, in order.</returns>
    public IReadOnlyList<(Job Job, Outcome Outcome)> Run(IReadOnlyList<Trial> trials, int round, CancellationToken cancel = default)
    {
        var results = new List<(Job, Outcome)>();
        long tokens = 0;
        foreach (Trial[] group in trials.Chunk(settings.Lockstep))
        {
            Job[] jobs = [.. group.Select(trial => JobOf(trial, round))];
            IReadOnlyList<Outcome> outcomes = journal.FindAll<Outcome>(jobs) ?? RunGroup(group, jobs, cancel);
            results.AddRange(jobs.Zip(outcomes));
            tokens += outcomes.Sum(outcome => outcome.Tokens);
            Progress?.Invoke(results.Count, trials.Count, tokens);
        }
        return results;
    }

    private IReadOnlyList<Outcome> RunGroup(Trial[] group, Job[] jobs, CancellationToken cancel)
    {
        var watch = Stopwatch.StartNew();
        // The bare model needs no adapter: such trials go straight to the exam.
        var taught = group.Index().Where(item => item.Item.SelfEdit is not null).ToList();
        Lesson[] lessons = [.. taught.Select(item => new Lesson(
            TrainingSequences.Build(item.Item.Passage, item.Item.SelfEdit!, settings.Rules), item.Item.Seed))];
        var loop = new InnerLoop(model, settings.Inner);
        using AdapterTrainer? trainer = lessons.Length == 0 ? null : loop.Train(lessons, cancel: cancel);
        int[] slots = [.. group.Select((trial, i) => taught.FindIndex(item => item.Index == i))];
        IReadOnlyList<ExamResult> exams = new Exam(model, settings.Exam, judge)
            .Take([.. group.Select((trial, i) => new Sitting(trial.Passage, slots[i]))], trainer?.Adapters, cancel: cancel);
        var outcomes = new Outcome[group.Length];
        for (int i = 0; i < group.Length; i++)
        {
            LessonRecord record = slots[i] < 0 ? new LessonRecord(0, []) : loop.Record(trainer!, lessons, slots[i]);
            outcomes[i] = new Outcome(slots[i] < 0 ? [] : lessons[slots[i]].Texts, record.Tokens, record.Losses, exams[i]);
        }
        if (trainer is not null)
            Finished?.Invoke([.. taught.Select(item => (jobs[item.Index], item.Item, outcomes[item.Index]))], trainer);
        return journal.Store([.. jobs.Zip(outcomes)], watch.Elapsed);
    }

    /// <summary>The job that a trial is on this model.</summary>
    public Job JobOf(Trial trial, int round) => Job.Of(trial.SelfEdit is null ? "exam" : "adapt", round, new
    {
        Model = model.Weights.Digest,
        model.Operators.Numerics,
        Dtype = model.Operators.Activation,
        Passage = DigestOf(trial.Passage),
        trial.Passage.Title,
        trial.SelfEdit,
        Seed = trial.SelfEdit is null ? 0 : trial.Seed,
        Settings = settings,
        Judge = judge.Name,
    });

    /// <summary>SHA-256 over what is learned and asked.</summary>
    public static string DigestOf(Passage passage)
    {
        string text = CanonicalJson.Serialize(new { passage.Title, passage.Context, passage.Questions });
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }
}
