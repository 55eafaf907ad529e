using System.Globalization;
using System.Xml.Linq;
using Seal.Learning.Statistics;
using static Seal.Learning.Report.Markup;

namespace Seal.Learning.Report;

/// <summary>Every candidate's reward, a strip a round: a ring, or a filled diamond where it is kept; the box is the middle half, its line the median.</summary>
internal static class SpreadChart
{
    private const double Row = 78;

    public static XElement Draw(string id, string unit, IReadOnlyList<StoryRound> rounds)
    {
        var axis = new Axis(rounds.SelectMany(Rewards).Concat(rounds.SelectMany(PassageOnly)));
        var parts = new List<XElement>();
        double y = 0;
        foreach (StoryRound round in rounds)
        {
            parts.Add(Axis.Text("group", 0, y + 16, string.Create(CultureInfo.InvariantCulture, $"Round {round.Number}")));
            parts.Add(Axis.Text("value", Axis.Width, y + 16, string.Create(CultureInfo.InvariantCulture, $"{Rewards(round).Count} self-edits, {round.Reinforced} kept"), "end"));
            parts.AddRange(Strip(axis, round, y + 48));
            y += Row;
        }
        string description = $"Rewards of single self-edits in {unit}, a strip a round; the table beside it holds their quartiles.";
        return Axis.Drawing(id, "Rewards of every self-edit", description, y + 32, [.. axis.Draw(y), .. parts, Axis.Text("tick", Axis.Width / 2, y + 28, unit, "middle")]);
    }

    public static IReadOnlyList<double> Rewards(StoryRound round) =>
        [.. round.Passages.SelectMany(passage => passage.Candidates).Where(candidate => candidate.Outcome is not null).Select(candidate => candidate.Outcome!.Reward)];

    public static IReadOnlyList<double> PassageOnly(StoryRound round) => [.. round.Passages.Select(passage => passage.PassageOnly).OfType<StoryOutcome>().Select(outcome => outcome.Reward)];

    private static IEnumerable<XElement> Strip(Axis axis, StoryRound round, double middle)
    {
        double[] ascending = [.. Rewards(round).Order()];
        if (ascending.Length > 0)
        {
            double left = axis.X(Sample.Quantile(ascending, 0.25)), right = axis.X(Sample.Quantile(ascending, 0.75)), median = axis.X(Sample.Quantile(ascending, 0.5));
            yield return Axis.Box("box", left, middle - 22, Math.Max(1, right - left), 44);
            yield return Axis.Line("median", median, middle - 22, median, middle + 22);
        }
        if (PassageOnly(round) is { Count: > 0 } baseline)
            yield return Axis.Line("dashed", axis.X(baseline.Average()), middle - 26, axis.X(baseline.Average()), middle + 26);
        int i = 0;
        foreach (StoryCandidate candidate in round.Passages.SelectMany(passage => passage.Candidates).Where(candidate => candidate.Outcome is not null))
        {
            // Up and down by turns so that equal rewards do not hide each other.
            double x = axis.X(candidate.Outcome!.Reward), y = middle + (i++ * 7 % 11 - 5) * 3.4;
            yield return candidate.Kept
                ? Styled("path", "kept", Set("d", $"M{Axis.At(x)} {Axis.At(y - 5)}l5 5l-5 5l-5 -5z"))
                : Styled("circle", "ring", Set("cx", Axis.At(x)), Set("cy", Axis.At(y)), Set("r", 3.5));
        }
    }
}
