using Seal.Learning.Statistics;

namespace Seal.Learning.Report;

/// <summary>A demonstration's table as charts, to stand in front of its first run's story.</summary>
public static class DemonstrationCharts
{
    /// <param name="story">The run's; see <see cref="RunStory.Read"/>.</param>
    /// <param name="words">The domain's.</param>
    public static RunStory In(RunStory story, DemonstrationTable table, DomainWords words, IReadOnlyList<StoryPart> told)
    {
        int tasks = table.Seeds * table.Tasks;
        StoryChart levels = new(
            $"What was answered about unseen {words.Task.Many}",
            $"{table.Seeds} {(table.Seeds == 1 ? "run" : "runs")} of {table.Tasks} {words.Task.Many} that no policy had seen.", "right answers, %", "0.0",
            [new StoryBars("Learned from", [.. table.Rows.Select(row => new StoryBar(row.Name, Percent(row.Accuracy), tasks))])]);
        StoryChart differences = new(
            "What each adds", $"Paired: each {words.Task.One} against itself.", "points", "0.0",
            [new StoryBars("Difference", [.. table.Differences.Select(difference => new StoryBar($"{difference.Name} − {difference.Against}", Percent(difference.Accuracy), tasks))])]);
        return story with { Title = "Seal: what a model taught itself", Charts = [levels, differences, .. story.Charts], Told = told };
    }

    private static Interval Percent(Interval share) => new(100 * share.Estimate, 100 * share.Low, 100 * share.High);
}
