using Seal.Learning.Statistics;

namespace Seal.Learning.Report;

/// <summary>A demonstration's table as charts, to stand in front of its first run's story.</summary>
public static class DemonstrationCharts
{
    /// <param name="story">The run's; see <see cref="RunStory.Read"/>.</param>
    public static RunStory In(RunStory story, DemonstrationTable table)
    {
        int passages = table.Seeds * table.Passages;
        string over = $"{table.Seeds} {(table.Seeds == 1 ? "run" : "runs")} of {table.Passages} passages that no policy had seen.";
        StoryChart levels = new(
            "Questions answered about unseen passages", $"The passage is not in view, except where that is said; {over}", "right answers, %", "0.0",
            [new StoryBars("Learned from", [.. table.Rows.Select(row => new StoryBar(row.Name, Percent(row.Accuracy), passages))])]);
        StoryChart differences = new(
            "What each adds", "Paired: each passage against itself.", "points", "0.0",
            [new StoryBars("Difference", [.. table.Differences.Select(difference => new StoryBar($"{difference.Name} − {difference.Against}", Percent(difference.Accuracy), passages))])]);
        return story with { Title = "Seal: what a model taught itself", Charts = [levels, differences, .. story.Charts] };
    }

    private static Interval Percent(Interval share) => new(100 * share.Estimate, 100 * share.Low, 100 * share.High);
}
