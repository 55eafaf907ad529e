namespace Seal.Models.Benchmarks;

/// <summary>Medians, and the interval that order statistics give for one: no shape of the distribution is assumed.</summary>
public static class PairedTimes
{
    public static double Median(IReadOnlyList<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? double.NaN : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>
    /// The narrowest pair of order statistics, equally far from both ends, that holds the median with a probability of at least 95 %
    /// (binomial with p = 1/2); least and largest where there are too few values for that.
    /// </summary>
    public static (double Low, double High) Interval(IReadOnlyList<double> values)
    {
        double[] sorted = [.. values.Order()];
        double outside = 0, term = Math.Pow(0.5, sorted.Length); // P(fewer than k + 1 of them below the median)
        int cut = 0;
        for (int k = 0; 2 * k < sorted.Length; k++)
        {
            outside += term;
            if (2 * outside > 0.05)
                break;
            cut = k + 1;
            term *= (double)(sorted.Length - k) / (k + 1);
        }
        int low = Math.Max(0, cut - 1);
        return (sorted[low], sorted[^(low + 1)]);
    }

    /// <summary>Second over first, pair by pair.</summary>
    public static double[] Ratios(IReadOnlyList<double> first, IReadOnlyList<double> second) => [.. first.Zip(second, (a, b) => b / a)];
}
