using System.Text.Json.Serialization;
using Seal.Kernels;
using Seal.Learning.Statistics;

namespace Seal.Learning.Report;

/// <summary>One question of an exam as it was answered.</summary>
public sealed record StoryAnswer(string Question, string Expected, string Given, bool Right);

/// <summary>What an update, or none, led to.</summary>
/// <param name="Reward">In the run's own measure.</param>
/// <param name="Accuracy">Share of right answers.</param>
/// <param name="Tokens">Tokens trained on, all epochs together.</param>
/// <param name="Steps">Optimizer steps.</param>
public sealed record StoryOutcome(double Reward, double Accuracy, long Tokens, int Steps, IReadOnlyList<StoryAnswer> Answers);

/// <summary>A self-edit as the policy wrote it.</summary>
/// <param name="Number">From 1.</param>
/// <param name="CutOff">It was ended by its length.</param>
/// <param name="Outcome">Null while it is not yet learned and examined.</param>
/// <param name="Kept">The policy learns to write it.</param>
public sealed record StoryCandidate(int Number, string SelfEdit, bool CutOff, StoryOutcome? Outcome, bool Kept);

/// <summary>One passage in one round; what is not finished is null or missing.</summary>
/// <param name="Text">Null while the journal does not hold it.</param>
public sealed record StoryPassage(
    string Id, string Title, string? Text, StoryOutcome? NoUpdate, StoryOutcome? PassageOnly, IReadOnlyList<StoryCandidate> Candidates)
{
    /// <summary>The candidate with the highest reward, null before the first exam.</summary>
    [JsonIgnore]
    public StoryCandidate? Best => Candidates.Where(candidate => candidate.Outcome is not null).MaxBy(candidate => candidate.Outcome!.Reward);
}

/// <summary>An M-step: self-edits learned, optimizer steps, loss in nats a token at the first and at the last one.</summary>
public sealed record StoryUpdate(int Reinforced, int Steps, double FirstLoss, double LastLoss);

/// <summary>One round.</summary>
/// <param name="Policy">Digest of the weights that wrote the self-edits.</param>
/// <param name="Selected">Every passage's candidates have been compared.</param>
/// <param name="Update">Null before the M-step, and where nothing was worth reinforcing.</param>
public sealed record StoryRound(int Number, string Policy, IReadOnlyList<StoryPassage> Passages, bool Selected, StoryUpdate? Update)
{
    public int Reinforced => Passages.Sum(passage => passage.Candidates.Count(candidate => candidate.Kept));

    public bool Complete => Selected && (Update is not null || Reinforced == 0);
}

/// <summary>What a phase of a round took.</summary>
/// <param name="Tokens">Trained on, or written; null where the journal does not count them.</param>
/// <param name="Flops">Null where it is not known.</param>
public sealed record StoryCost(int Round, string Phase, int Jobs, long? Tokens, int Steps, double Seconds, double? Flops);

/// <summary>One bar of a chart: an estimate, with its interval where there is one.</summary>
/// <param name="Passages">How many the mean is over; with fewer than two there is no interval. 0 where it is no mean.</param>
public sealed record StoryBar(string Name, Interval Value, int Passages)
{
    [JsonIgnore]
    public bool HasInterval => Passages > 1;
}

/// <summary>Bars under one heading, a round say.</summary>
public sealed record StoryBars(string Name, IReadOnlyList<StoryBar> Bars);

/// <summary>A bar chart with its table.</summary>
/// <param name="Note">What is measured, in a sentence.</param>
/// <param name="Unit">Stands in the table's heading and at the axis.</param>
/// <param name="Format">Of its numbers, such as <c>0.000</c>.</param>
public sealed record StoryChart(string Title, string Note, string Unit, string Format, IReadOnlyList<StoryBars> Groups);

/// <summary>A passage whose first and last self-edits are shown.</summary>
/// <param name="Why">Why this one.</param>
/// <param name="Last">The same passage in the last round; null where there is one round only.</param>
public sealed record StoryExample(string Why, int FirstRound, StoryPassage First, int LastRound, StoryPassage? Last);

/// <summary>A name and its value.</summary>
public sealed record StoryFact(string Name, string Value);

/// <summary>
/// Everything that a report shows of a run, gathered and not yet drawn. Change a part with <c>with</c> to tell more: another chart in front, another title.
/// </summary>
public sealed record RunStory
{
    public required string Title { get; init; }

    /// <summary>The domain's.</summary>
    [JsonIgnore]
    public required DomainWords Words { get; init; }

    /// <summary>What was done, a paragraph each.</summary>
    public required IReadOnlyList<string> Lead { get; init; }

    /// <summary>Whether every round has been done.</summary>
    public required bool Finished { get; init; }

    /// <summary>How far the run is, in a sentence.</summary>
    public required string State { get; init; }

    /// <summary>The reward's name and unit.</summary>
    public required string RewardUnit { get; init; }

    public required IReadOnlyList<StoryChart> Charts { get; init; }

    public required IReadOnlyList<StoryRound> Rounds { get; init; }

    public required IReadOnlyList<StoryExample> Examples { get; init; }

    /// <summary>One task's story in full; empty where none is told.</summary>
    public IReadOnlyList<StoryPart> Told { get; init; } = [];

    public required IReadOnlyList<StoryCost> Costs { get; init; }

    /// <summary>How tokens, FLOPs and seconds were counted, a paragraph each.</summary>
    public required IReadOnlyList<string> CostNotes { get; init; }

    public required IReadOnlyList<StoryFact> Environment { get; init; }

    public required IReadOnlyList<StoryFact> Settings { get; init; }

    /// <summary>The story of a run folder, finished or not. The model and the passages' file are not opened: they may be gone.</summary>
    /// <exception cref="SealException">The folder holds no run, or a damaged one.</exception>
    public static RunStory Read(string folder) => StoryOfRun.Tell(RecordedRun.Read(folder), RunEnvironment.Read(folder));
}
