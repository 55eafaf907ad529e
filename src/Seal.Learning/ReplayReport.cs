namespace Seal.Learning;

/// <summary>One reward of a run beside the same trial's, trained and examined again.</summary>
/// <param name="Number">Of the self-edit, from 1; 0 = the passage alone.</param>
/// <param name="Job">The run's job.</param>
/// <param name="Recorded">What the journal holds.</param>
/// <param name="BySeed">What it earned now: with the run's own seed first, then with other seeds of the inner loop.</param>
public sealed record ReplayedReward(int Number, string Job, double Recorded, IReadOnlyList<double> BySeed)
{
    public double Replayed => BySeed[0];

    public double Difference => Replayed - Recorded;

    /// <summary>How far the seed of the inner loop alone moves the reward: largest less smallest. 0 with one seed.</summary>
    public double Spread => BySeed.Max() - BySeed.Min();
}

/// <summary>A passage in a round: its rewards, and whether the same self-edit wins.</summary>
/// <param name="PassageOnly">What the passage alone earned.</param>
/// <param name="SelfEdits">Those that the run, which may have been stopped, had examined.</param>
/// <param name="RecordedWinner">Number of the best self-edit in the journal; null without one.</param>
/// <param name="ReplayedWinner">Number of the best now.</param>
/// <param name="Gap">By how much the journal's best was above its second; null with fewer than two.</param>
/// <param name="Spread">The larger spread of those two.</param>
public sealed record ReplayedPassage(
    int Round, string Title, ReplayedReward PassageOnly, IReadOnlyList<ReplayedReward> SelfEdits, int? RecordedWinner, int? ReplayedWinner, double? Gap, double? Spread)
{
    public bool SameWinner => RecordedWinner == ReplayedWinner;

    /// <summary>Another winner is no difference where the two best are no further apart than the seed moves them.</summary>
    public bool WinnerHolds => SameWinner || Gap <= Spread;

    internal IEnumerable<ReplayedReward> Rewards => SelfEdits.Prepend(PassageOnly);
}

/// <summary>A run replayed.</summary>
/// <param name="RecordedBy">What computed the run: numerics and dtype.</param>
/// <param name="ReplayedBy">What computed the replay.</param>
/// <param name="Seeds">Seeds of the inner loop a self-edit was learned with.</param>
/// <param name="Limit">Largest difference of a reward that passes.</param>
public sealed record ReplayReport(
    string Run, string RecordedBy, string ReplayedBy, RewardKind Reward, int Seeds, double Limit, IReadOnlyList<ReplayedPassage> Passages)
{
    public int Rewards => Passages.Sum(passage => passage.Rewards.Count());

    public double LargestDifference => Passages.SelectMany(passage => passage.Rewards).Max(reward => Math.Abs(reward.Difference));

    public int Winners => Passages.Count(passage => passage.RecordedWinner is not null);

    public int SameWinners => Passages.Count(passage => passage.RecordedWinner is not null && passage.SameWinner);

    /// <summary>Winners that changed although they were further apart than the seed moves them.</summary>
    public int LostWinners => Passages.Count(passage => !passage.WinnerHolds);

    public bool Passed => LargestDifference <= Limit && LostWinners == 0;
}
