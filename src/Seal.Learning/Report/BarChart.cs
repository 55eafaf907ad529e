using System.Xml.Linq;
using static Seal.Learning.Report.Markup;

namespace Seal.Learning.Report;

/// <summary>Bars one below the other, each under its name, with the interval as a whisker.</summary>
internal static class BarChart
{
    private const double Heading = 24, Row = 32;

    public static XElement Draw(string id, StoryChart chart)
    {
        var axis = new Axis(chart.Groups.SelectMany(group => group.Bars).SelectMany(
            bar => bar.HasInterval ? new[] { bar.Value.Estimate, bar.Value.Low, bar.Value.High } : [bar.Value.Estimate]));
        var parts = new List<XElement>();
        double y = 0;
        foreach (StoryBars group in chart.Groups)
        {
            if (group.Name.Length > 0)
            {
                parts.Add(Axis.Text("group", 0, y + 16, group.Name));
                y += Heading;
            }
            foreach (StoryBar bar in group.Bars)
            {
                parts.Add(Axis.Text("label", 0, y + 11, bar.Name));
                parts.Add(Axis.Text("value", Axis.Width, y + 11, Figures.Number(bar.Value.Estimate, chart.Format), "end"));
                parts.AddRange(Bar(axis, bar, y + 16));
                y += Row;
            }
        }
        string description = $"Bars in {chart.Unit}; the table beside it holds the same numbers.";
        return Axis.Drawing(id, chart.Title, description, y + 32, [.. axis.Draw(y), .. parts, Axis.Text("tick", Axis.Width / 2, y + 28, chart.Unit, "middle")]);
    }

    private static IEnumerable<XElement> Bar(Axis axis, StoryBar bar, double y)
    {
        double zero = axis.X(0), end = axis.X(bar.Value.Estimate);
        yield return Axis.Box("bar", Math.Min(zero, end), y, Math.Max(1, Math.Abs(end - zero)), 10);
        if (!bar.HasInterval)
            yield break;
        double low = axis.X(bar.Value.Low), high = axis.X(bar.Value.High);
        yield return Axis.Line("whisker", low, y + 5, high, y + 5);
        yield return Axis.Line("whisker", low, y + 1, low, y + 9);
        yield return Axis.Line("whisker", high, y + 1, high, y + 9);
    }
}
