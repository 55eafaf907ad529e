namespace Seal.Learning.Report;

/// <summary>A chart's numbers as a table of texts.</summary>
public static class ChartText
{
    /// <summary>The columns from which on there are numbers.</summary>
    public const int NumbersFrom = 2;

    public static (IReadOnlyList<string> Columns, IEnumerable<string[]> Rows) Table(StoryChart chart) => (
        ["", "what", chart.Unit, "95 % interval", "of"],
        chart.Groups.SelectMany(group => group.Bars.Select(bar => new[]
        {
            group.Name, bar.Name, Figures.Number(bar.Value.Estimate, chart.Format), Figures.Interval(bar, chart.Format), bar.Passages > 0 ? Figures.Whole(bar.Passages) : "",
        })));
}
