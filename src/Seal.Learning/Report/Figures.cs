using System.Globalization;

namespace Seal.Learning.Report;

/// <summary>Numbers as people read them.</summary>
internal static class Figures
{
    private static readonly string[] s_scales = ["", "k", "M", "G", "T", "P", "E"];

    public static string Whole(long value) => value.ToString("#,0;−#,0;0", CultureInfo.InvariantCulture);

    /// <param name="format">For what is not negative; a real minus sign stands before what is.</param>
    public static string Number(double value, string format) => value.ToString($"{format};−{format};{format}", CultureInfo.InvariantCulture);

    public static string Nats(double value) => Number(value, "0.000");

    public static string Interval(StoryBar bar, string format) =>
        bar.HasInterval ? $"{Number(bar.Value.Low, format)} to {Number(bar.Value.High, format)}" : "";

    /// <summary>12.3 TFLOP.</summary>
    public static string Flop(double value)
    {
        int scale = 0;
        while (value >= 1000 && scale < s_scales.Length - 1)
            (value, scale) = (value / 1000, scale + 1);
        return $"{Number(value, value < 10 ? "0.00" : value < 100 ? "0.0" : "0")} {s_scales[scale]}FLOP";
    }
}
