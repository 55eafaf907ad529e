using System.Globalization;
using Seal.Learning.Statistics;

namespace Seal.Learning;

/// <summary>An arm over all seeds; steps and tokens are those of one task's training.</summary>
public sealed record DemonstrationRow(string Name, Interval Accuracy, double Steps, double Tokens);

/// <summary>A paired difference: the same tasks, learned in two ways.</summary>
public sealed record DemonstrationDifference(string Name, string Against, Interval Accuracy);

/// <summary>
/// What demonstrations with several seeds come to. Intervals resample seeds and, within a seed, tasks: those of one seed share a policy,
/// so they alone would make the result look surer than it is.
/// </summary>
public sealed record DemonstrationTable(int Seeds, int Tasks, IReadOnlyList<DemonstrationRow> Rows, IReadOnlyList<DemonstrationDifference> Differences)
{
    /// <param name="runs">With as many rounds each.</param>
    public static DemonstrationTable Of(IReadOnlyList<Demonstrated> runs)
    {
        var bootstrap = new Bootstrap();
        return new DemonstrationTable(
            runs.Count,
            runs[0].Tasks.Count,
            [.. runs[0].Arms.Select((arm, i) => Row(arm.Name, run => run.Arms[i]))],
            [.. runs[0].Comparisons.Select((pair, i) => Difference(pair.Treated.Name, pair.Control.Name, run => run.Comparisons[i]))]);

        DemonstrationRow Row(string name, Func<Demonstrated, Arm> arm) => new(
            name, bootstrap.Nested([.. runs.Select(run => arm(run).Accuracies(run.Tasks.Count))]),
            runs.Average(run => arm(run).Steps), runs.Average(run => arm(run).Outcomes.Average(outcome => outcome.Tokens)));

        DemonstrationDifference Difference(string name, string against, Func<Demonstrated, (Arm Treated, Arm Control)> pair) => new(
            name, against, bootstrap.Nested([.. runs.Select(run =>
                pair(run).Treated.Accuracies(run.Tasks.Count).Zip(pair(run).Control.Accuracies(run.Tasks.Count), (treated, control) => treated - control).ToArray())]));
    }

    public string Markdown()
    {
        var lines = new List<string> { "| learned from | right, % | steps | tokens |", "|---|---|---|---|" };
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
}
