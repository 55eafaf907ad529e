using System.Globalization;
using System.Text;
using Seal.Learning.Statistics;
using Seal.Models.Formats;

namespace Seal.Learning.Knowledge;

/// <summary>A comparison as tables of texts, and as a Markdown report.</summary>
public static class ComparisonText
{
    public static IReadOnlyList<string> MethodColumns { get; } =
        ["method", "accuracy %", "F1 %", "dense gain, nats/token", "tokens/passage", "steps/passage"];

    public static IReadOnlyList<string> DifferenceColumns { get; } = ["difference", "accuracy, points", "F1, points", "dense gain, nats/token", "excludes 0"];

    public static IReadOnlyList<string[]> MethodRows(ComparisonReport report) => [.. report.Methods.Select(method => new[]
    {
        method.Name,
        Percent(method.Accuracy, signed: false),
        Percent(method.F1, signed: false),
        Nats(method.Gain),
        method.Tokens.ToString("F0", CultureInfo.InvariantCulture),
        method.Steps.ToString("F0", CultureInfo.InvariantCulture),
    })];

    public static IReadOnlyList<string[]> DifferenceRows(ComparisonReport report) => [.. report.Differences.Select(difference => new[]
    {
        $"{difference.Name} − {difference.Against}",
        Percent(difference.Accuracy, signed: true),
        Percent(difference.F1, signed: true),
        Nats(difference.Gain),
        Excluding(difference),
    })];

    /// <summary>What the numbers are, in a sentence.</summary>
    public static string Legend(ComparisonReport report) => string.Create(
        CultureInfo.InvariantCulture,
        $"{report.Passages} passages, {report.Questions} questions, answered without the passage in view; means over passages with 95 % bootstrap intervals over passages. Dense gain: of max(log p, −{report.Floor}) of the gold answers' tokens over '{report.Methods[0].Name}'.");

    /// <summary>The report, its tables first.</summary>
    /// <param name="facts">What was compared: name and value.</param>
    /// <param name="settings">The settings as JSON.</param>
    public static string Markdown(ComparisonReport report, IReadOnlyList<(string Name, string Value)> facts, string settings)
    {
        var text = new StringBuilder("# Evaluation\n\n").Append(Legend(report)).Append("\n\n");
        Table(text, MethodColumns, MethodRows(report));
        if (report.Differences.Count > 0)
        {
            text.Append("\nPaired differences, each to the method before it:\n\n");
            Table(text, DifferenceColumns, DifferenceRows(report));
        }
        text.Append("\n## What was compared\n\n");
        Table(text, ["", ""], [.. facts.Select(fact => new[] { fact.Name, $"`{fact.Value}`" })]);
        return text.Append("\n## Settings\n\n```json\n").Append(settings.TrimEnd()).Append("\n```\n").ToString();
    }

    /// <summary>Writes the report whole or not at all.</summary>
    public static void Write(string path, string markdown) => AtomicFile.WriteText(path, markdown);

    private static void Table(StringBuilder text, IReadOnlyList<string> columns, IReadOnlyList<string[]> rows)
    {
        text.Append("| ").AppendJoin(" | ", columns).Append(" |\n|").AppendJoin('|', columns.Select(_ => "---")).Append("|\n");
        foreach (string[] row in rows)
            text.Append("| ").AppendJoin(" | ", row.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal))).Append(" |\n");
    }

    private static string Percent(Interval value, bool signed)
    {
        string format = signed ? "+0.0;−0.0;0.0" : "0.0";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{(100 * value.Estimate).ToString(format, CultureInfo.InvariantCulture)} [{(100 * value.Low).ToString(format, CultureInfo.InvariantCulture)}, {(100 * value.High).ToString(format, CultureInfo.InvariantCulture)}]");
    }

    private static string Nats(Interval value)
    {
        const string format = "+0.000;−0.000;0.000";
        return $"{value.Estimate.ToString(format, CultureInfo.InvariantCulture)} [{value.Low.ToString(format, CultureInfo.InvariantCulture)}, {value.High.ToString(format, CultureInfo.InvariantCulture)}]";
    }

    private static string Excluding(MethodDifference difference)
    {
        (string Name, Interval Value)[] scores = [("accuracy", difference.Accuracy), ("F1", difference.F1), ("gain", difference.Gain)];
        string[] excluding = [.. scores.Where(score => score.Value.ExcludesZero).Select(score => score.Name)];
        return excluding.Length == 0 ? "none" : string.Join(", ", excluding);
    }
}
