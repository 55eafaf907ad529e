using Seal.Learning.Journal;
using Seal.Models;

namespace Seal.Learning;

/// <summary>Something that is learned, and examined.</summary>
public interface ITask
{
    string Title { get; }

    /// <summary>SHA-256 over everything that is learned and asked.</summary>
    string Digest { get; }

    /// <summary>Answers of an exam on it.</summary>
    int Questions { get; }
}

/// <summary>
/// What the outer loop asks of a domain, and all that it knows of one: tasks, a sampler of self-edits, trials that learn a self-edit and examine
/// what came of it. Rewards, selection, the policy's update, journal and report are the loop's own.
/// </summary>
public interface IDomain
{
    /// <summary>What the loop's texts call things.</summary>
    DomainWords Words { get; }

    /// <summary>Who or what says whether an answer is right.</summary>
    string Judge { get; }

    /// <summary>The self-edit that needs no model, learned as the baseline of every task.</summary>
    string Baseline { get; }

    /// <summary>The run's tasks, in order.</summary>
    /// <exception cref="Kernels.SealException">They cannot be read, or one cannot be examined.</exception>
    IReadOnlyList<ITask> Tasks();

    SelfEditSampling Sampler(LanguageModel policy);

    /// <param name="progress">Told trials done and in all, and tokens trained on so far.</param>
    /// <param name="finished">Sees the adapters of a group before they are gone: to keep one.</param>
    Trials Trials(
        LanguageModel model, RunJournal journal, Action<int, int, long>? progress = null,
        Action<IReadOnlyList<(Job Job, Trial Trial, Outcome Outcome)>, AdapterTrainer>? finished = null);

    /// <summary>Puts the policies' self-edits between what they are to be compared with.</summary>
    /// <param name="policies">Of the base model, then after each round.</param>
    /// <param name="model">The bare model.</param>
    /// <returns>All arms in the order of a table, and the pairs whose differences matter.</returns>
    (IReadOnlyList<Arm> Arms, IReadOnlyList<(Arm Treated, Arm Control)> Comparisons) Compare(IReadOnlyList<Arm> policies, Measurement measured, LanguageModel model);

    /// <summary>One task's story: what was shown, what was written before and after reinforcement, and what was then answered.</summary>
    IReadOnlyList<StoryPart> Tell(Demonstrated shown);
}

/// <summary>A domain's own words.</summary>
/// <param name="Source">The file of its tasks, for a headline.</param>
/// <param name="Task">One task, and several.</param>
/// <param name="SelfEdits">How self-edits are asked for, in brackets; may be empty.</param>
/// <param name="Baseline">Name of the baseline.</param>
/// <param name="Accuracy">Heading of the share of right answers, and of the softer score beside it.</param>
/// <param name="Legend">What the scores are, one line each.</param>
/// <param name="Story">How a task is learned: what the model does before it writes, and what then comes of each self-edit.</param>
/// <param name="Asked">What a task's questions are, as a heading.</param>
public sealed record DomainWords(
    string Source, (string One, string Many) Task, string SelfEdits, string Baseline, (string Hard, string Soft) Accuracy, IReadOnlyList<string> Legend, (string Reads, string Learns) Story, string Asked);
