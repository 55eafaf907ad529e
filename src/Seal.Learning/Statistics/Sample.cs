namespace Seal.Learning.Statistics;

/// <summary>Plain descriptive statistics. Sums run in the order given, so equal input gives equal bits.</summary>
public static class Sample
{
    /// <summary>Arithmetic mean; NaN for no values, which is never an accuracy of zero.</summary>
    public static double Mean(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (double value in values)
            sum += value;
        return sum / values.Length;
    }

    /// <summary>Sample variance with n - 1 in the denominator; 0 for fewer than two values.</summary>
    public static double Variance(ReadOnlySpan<double> values)
    {
        if (values.Length < 2)
            return 0;
        double mean = Mean(values), sum = 0;
        foreach (double value in values)
            sum += (value - mean) * (value - mean);
        return sum / (values.Length - 1);
    }

    /// <summary>Sample standard deviation with n - 1 in the denominator; 0 for fewer than two values.</summary>
    public static double Std(ReadOnlySpan<double> values) => Math.Sqrt(Variance(values));

    /// <summary>Standard error of the mean, std / sqrt(n).</summary>
    public static double StandardError(ReadOnlySpan<double> values) => Std(values) / Math.Sqrt(values.Length);

    /// <summary>The quantile at <paramref name="share"/> in [0, 1] of ascending values, linear between neighbours (type 7 of Hyndman and Fan, 1996).</summary>
    public static double Quantile(ReadOnlySpan<double> ascending, double share)
    {
        double place = share * (ascending.Length - 1);
        int low = (int)Math.Floor(place);
        int high = Math.Min(low + 1, ascending.Length - 1);
        return ascending[low] + (place - low) * (ascending[high] - ascending[low]);
    }
}
