using System.Globalization;
using Seal.Learning.Statistics;

namespace Seal.Learning;

/// <summary>An arm over all seeds.</summary>
public sealed record DemonstrationRow(string Name, Interval Accuracy, double Steps, double Tokens);

/// <summary>A paired difference: the same passages, learned in two ways.</summary>
public sealed record DemonstrationDifference(string Name, string Against, Interval Accuracy);

/// <summary>
/// What demonstrations with several seeds come to. Intervals resample seeds and, within a seed, passages: passages of one seed share a policy,
/// so they alone would make the result look surer than it is.
/// </summary>
public sealed record DemonstrationTable(int Seeds, int Passages, IReadOnlyList<DemonstrationRow> Rows, IReadOnlyList<DemonstrationDifference> Differences)
{
    public static DemonstrationTable Of(IReadOnlyList<Demonstrated> runs)
    {
        string[] names = [.. runs[0].Arms.Select(arm => arm.Name).Where(name => runs.All(run => run.Arms.Any(arm => arm.Name == name)))];
        double[][] Scores(string name) => [.. runs.Select(run => run.Arms.First(arm => arm.Name == name).Accuracies(run.Passages.Count))];
        double Mean(string name, Func<Outcome, double> what) => runs.Average(run => run.Arms.First(arm => arm.Name == name).Outcomes.Average(what));
        string[] rounds = [.. names.Where(name => name.StartsWith("self-edits", StringComparison.Ordinal))];
        var pairs = new List<(string, string)>();
        if (names.Contains("passage only"))
            pairs.Add(("passage only", "no update"));
        pairs.AddRange(rounds.Zip(rounds.Skip(1), (before, after) => (after, before)));
        if (rounds.Length > 1)
            pairs.Add((rounds[^1], "passage only"));
        pairs.Add(("passage in view", rounds[^1]));
        return new DemonstrationTable(
            runs.Count,
            runs[0].Passages.Count,
            [.. names.Select(name => new DemonstrationRow(name, TwoLevel(Scores(name)), Mean(name, outcome => outcome.Losses.Count), Mean(name, outcome => outcome.Tokens)))],
            [.. pairs.Select(pair => new DemonstrationDifference(pair.Item1, pair.Item2, TwoLevel(Paired(Scores(pair.Item1), Scores(pair.Item2)))))]);
    }

    public string Markdown()
    {
        var lines = new List<string> { "| learned from | questions right, % | steps | tokens |", "|---|---|---|---|" };
        lines.AddRange(Rows.Select(row => string.Create(CultureInfo.InvariantCulture, $"| {row.Name} | {Percent(row.Accuracy, "")} | {row.Steps:F0} | {row.Tokens:F0} |")));
        lines.AddRange(["", "| paired difference | points |", "|---|---|"]);
        lines.AddRange(Differences.Select(difference => $"| {difference.Name} − {difference.Against} | {Bold(difference.Accuracy)} |"));
        return string.Join('\n', lines) + "\n";
    }

    private static string Bold(Interval interval) => interval.ExcludesZero ? $"**{Percent(interval, "+")}**" : Percent(interval, "+");

    private static string Percent(Interval interval, string sign)
    {
        string format = $"{sign}0.0;−0.0;0.0";
        string Text(double value) => (100 * value).ToString(format, CultureInfo.InvariantCulture);
        return $"{Text(interval.Estimate)} [{Text(interval.Low)}, {Text(interval.High)}]";
    }

    private static double[][] Paired(double[][] treated, double[][] control) =>
        [.. treated.Zip(control, (t, c) => t.Zip(c, (x, y) => x - y).ToArray())];

    private static Interval TwoLevel(double[][] seeds) => new Bootstrap().Nested(seeds);
}
