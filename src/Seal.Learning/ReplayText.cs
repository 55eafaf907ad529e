using System.Globalization;
using System.Text;
using Seal.Models.Formats;

namespace Seal.Learning;

/// <summary>A replay as tables of texts, and as a Markdown report.</summary>
public static class ReplayText
{
    public static IReadOnlyList<string> RewardColumns { get; } = ["round", "task", "learned", "reward, journal", "reward, replay", "difference", "spread over seeds"];

    public static IReadOnlyList<string> WinnerColumns { get; } = ["round", "task", "best, journal", "best, replay", "gap to the second, journal", "spread over seeds", "winner"];

    public static IReadOnlyList<string[]> RewardRows(ReplayReport report) => [.. report.Passages.SelectMany(passage => passage.Rewards.Select(reward => new[]
    {
        Whole(passage.Round),
        Line(passage.Title),
        reward.Number == 0 ? "baseline" : $"self-edit {Whole(reward.Number)}",
        Nats(reward.Recorded),
        Nats(reward.Replayed),
        Small(reward.Difference, signed: true),
        reward.BySeed.Count > 1 ? Nats(reward.Spread) : "",
    }))];

    public static IReadOnlyList<string[]> WinnerRows(ReplayReport report) => [.. report.Passages
        .Where(passage => passage.RecordedWinner is not null)
        .Select(passage => new[]
        {
            Whole(passage.Round),
            Line(passage.Title),
            $"self-edit {Whole(passage.RecordedWinner!.Value)}",
            $"self-edit {Whole(passage.ReplayedWinner!.Value)}",
            passage.Gap is { } gap ? Nats(gap) : "",
            report.Seeds > 1 && passage.Spread is { } spread ? Nats(spread) : "",
            passage.SameWinner ? "same" : passage.WinnerHolds ? "other, within the spread" : "OTHER",
        })];

    /// <summary>What was compared, in a sentence or two.</summary>
    public static string Legend(ReplayReport report)
    {
        string seeds = report.Seeds > 1
            ? $" Spread: largest less smallest reward over {Whole(report.Seeds)} seeds of the inner loop; of a winner, the larger one of the journal's two best."
            : "";
        return $"{Whole(report.Rewards)} rewards ({report.Reward.ToString().ToLowerInvariant()}) of the journal, computed by {report.RecordedBy}; replayed by {report.ReplayedBy}.{seeds}";
    }

    /// <summary>What came of it, in two.</summary>
    public static string Verdict(ReplayReport report)
    {
        int within = report.Winners - report.SameWinners - report.LostWinners;
        string winners = $"{Whole(report.SameWinners)} of {Whole(report.Winners)} winners are the same";
        if (within > 0)
            winners += $", {Whole(within)} changed within the spread";
        if (report.LostWinners > 0)
            winners += $", {Whole(report.LostWinners)} changed beyond it";
        bool close = report.LargestDifference <= report.Limit;
        return $"{(report.Passed ? "Passed" : "FAILED")}: the largest difference is {Small(report.LargestDifference)}, {(close ? "within" : "above")} the limit of {Small(report.Limit)}; {winners}.";
    }

    public static string Markdown(ReplayReport report)
    {
        var text = new StringBuilder("# Replay\n\n").Append(Legend(report)).Append("\n\n").Append(Verdict(report)).Append("\n\n");
        Table(text, WinnerColumns, WinnerRows(report));
        text.Append('\n');
        Table(text, RewardColumns, RewardRows(report));
        return text.ToString();
    }

    /// <summary>Writes the report whole or not at all.</summary>
    public static void Write(string path, ReplayReport report) => AtomicFile.WriteText(path, Markdown(report));

    private static void Table(StringBuilder text, IReadOnlyList<string> columns, IReadOnlyList<string[]> rows)
    {
        foreach (IEnumerable<string> row in (IEnumerable<string>[])[columns, columns.Select(_ => "---"), .. rows])
            text.Append("| ").AppendJoin(" | ", row.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal))).Append(" |\n");
    }

    private static string Line(string title) => title.ReplaceLineEndings(" ");

    private static string Whole(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Nats(double value) => value.ToString("F4", CultureInfo.InvariantCulture);

    // Differences run from the last bit to whole nats.
    private static string Small(double value, bool signed = false) => value == 0 ? "0" : value.ToString(signed ? "+0.0e+0;-0.0e+0" : "0.0e+0", CultureInfo.InvariantCulture);
}
