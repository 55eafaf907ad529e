using System.Xml.Linq;
using Seal.Learning.Statistics;
using static Seal.Learning.Report.Markup;

namespace Seal.Learning.Report;

/// <summary>Tokens, steps, FLOPs and seconds of every phase.</summary>
internal static class CostSection
{
    public static XElement Draw(RunStory story) => Tag("section", Set("id", "cost"), Tag("h2", "Cost"),
        story.Costs.Count == 0 ? Tag("p", "No job is done yet.") : Styled("div", "pair", BarChart.Draw("seconds", Seconds(story.Costs)), Table(story.Costs)),
        story.CostNotes.Select(note => Styled("p", "note", note)));

    private static StoryChart Seconds(IReadOnlyList<StoryCost> costs) => new(
        "Seconds by phase", "", "seconds, all rounds", "#,0.0",
        [new StoryBars("", [.. costs.GroupBy(cost => cost.Phase).Select(phase => new StoryBar(phase.Key, At(phase.Sum(cost => cost.Seconds)), 0))])]);

    private static Interval At(double value) => new(value, value, value);

    private static XElement Table(IReadOnlyList<StoryCost> costs) => DataTable.Draw(
        "Cost by round and phase", ["round", "phase", "jobs", "tokens", "steps", "FLOPs", "seconds"], 2,
        [
            .. costs.Select(cost => Row(Figures.Whole(cost.Round), cost.Phase, [cost])),
            Row("all", "", costs),
        ]);

    private static object[] Row(string round, string phase, IReadOnlyList<StoryCost> costs)
    {
        long? tokens = costs.All(cost => cost.Tokens is null) ? null : costs.Sum(cost => cost.Tokens ?? 0);
        double? flops = costs.All(cost => cost.Flops is null) ? null : costs.Sum(cost => cost.Flops ?? 0);
        return
        [
            round, phase, Figures.Whole(costs.Sum(cost => cost.Jobs)), tokens is { } t ? Figures.Whole(t) : "–", Figures.Whole(costs.Sum(cost => cost.Steps)),
            flops is { } f ? Figures.Flop(f) : "–", Figures.Number(costs.Sum(cost => cost.Seconds), "#,0.0"),
        ];
    }
}
