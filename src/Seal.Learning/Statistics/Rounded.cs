using System.Globalization;

namespace Seal.Learning.Statistics;

/// <summary>Rounding to four decimals as the published files do it: the nearest to the exact binary value, ties to even (Python's <c>round(x, 4)</c>).</summary>
public static class Rounded
{
    /// <summary>The nearest number with four decimals.</summary>
    public static double ToFourDecimals(double value)
    {
        // Only a multiple of 1/32 can lie halfway between two such decimals, and there value * 10000 is exact;
        // everywhere else the formatter, which works on the exact expansion, decides without a tie.
        double thirtySeconds = value * 32;
        return thirtySeconds == Math.Floor(thirtySeconds) && Math.Abs(thirtySeconds) < 1e12
            ? Math.Round(value, 4, MidpointRounding.ToEven)
            : double.Parse(value.ToString("F4", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }
}
