using System.Globalization;
using System.Xml.Linq;
using static Seal.Learning.Report.Markup;

namespace Seal.Learning.Report;

/// <summary>A horizontal axis over round numbers that takes in 0. Charts are drawn in units of a phone's pixels and scaled up from there.</summary>
internal sealed class Axis
{
    public const double Width = 340;

    private const double Margin = 16; // half a number at either end

    private readonly double _low, _step;
    private readonly int _steps;

    public Axis(IEnumerable<double> values)
    {
        double[] all = [.. values.Where(double.IsFinite), 0];
        double low = all.Min(), high = all.Max(), rough = (high - low) / 4;
        _step = rough > 0 ? Round(rough) : 0.25;
        _low = _step * Math.Floor(low / _step);
        _steps = Math.Max(1, (int)Math.Ceiling((high - _low) / _step - 1e-9));
    }

    /// <summary>Where a value lies.</summary>
    public double X(double value) => Margin + Math.Clamp((value - _low) / (_steps * _step), 0, 1) * (Width - 2 * Margin);

    /// <summary>Lines and numbers of the axis for a chart of this height.</summary>
    public IEnumerable<XElement> Draw(double height)
    {
        for (int i = 0; i <= _steps; i++)
        {
            double value = _low + i * _step, x = X(value);
            yield return Line(Math.Abs(value) < _step / 2 ? "zero" : "grid", x, 0, x, height);
            yield return Text("tick", x, height + 13, Figures.Number(Math.Abs(value) < _step / 2 ? 0 : value, "#,0.####"), "middle");
        }
    }

    public static XElement Line(string styleClass, double x1, double y1, double x2, double y2) =>
        Styled("line", styleClass, Set("x1", At(x1)), Set("y1", At(y1)), Set("x2", At(x2)), Set("y2", At(y2)));

    public static XElement Box(string styleClass, double x, double y, double width, double height) =>
        Styled("rect", styleClass, Set("x", At(x)), Set("y", At(y)), Set("width", At(width)), Set("height", At(height)));

    public static XElement Text(string styleClass, double x, double y, string text, string anchor = "start") =>
        Styled("text", styleClass, Set("x", At(x)), Set("y", At(y)), Set("text-anchor", anchor), text);

    /// <summary>A drawing with a name and a description for those who do not see it.</summary>
    public static XElement Drawing(string id, string title, string description, double height, IEnumerable<XElement> parts) => Tag(
        "svg", Set("viewBox", $"0 0 {At(Width)} {At(height)}"), Set("role", "img"), Set("aria-labelledby", $"{id}-title {id}-what"),
        Tag("title", Set("id", $"{id}-title"), title), Tag("desc", Set("id", $"{id}-what"), description), parts);

    public static string At(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>The next of 1, 2, 2.5, 5 times a power of ten.</summary>
    private static double Round(double rough)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        foreach (double times in (double[])[1, 2, 2.5, 5])
            if (rough <= times * power * (1 + 1e-9))
                return times * power;
        return 10 * power;
    }
}
