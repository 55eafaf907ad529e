namespace Seal.Models.Tests.Engine;

/// <summary>How far numbers lie apart.</summary>
internal static class Distance
{
    /// <summary>Largest difference of two elements.</summary>
    public static double Largest(ReadOnlySpan<float> actual, ReadOnlySpan<float> wanted)
    {
        Assert.That(actual.Length, Is.EqualTo(wanted.Length));
        double largest = 0;
        for (int i = 0; i < actual.Length; i++)
            largest = Math.Max(largest, Math.Abs((double)actual[i] - wanted[i]));
        return Ordered(largest);
    }

    /// <summary>Norm of the difference as a share of the norm of what is wanted.</summary>
    public static double Relative(ReadOnlySpan<double> actual, ReadOnlySpan<double> wanted)
    {
        Assert.That(actual.Length, Is.EqualTo(wanted.Length));
        double difference = 0, norm = 0;
        for (int i = 0; i < actual.Length; i++)
        {
            difference += (actual[i] - wanted[i]) * (actual[i] - wanted[i]);
            norm += wanted[i] * wanted[i];
        }
        return Ordered(Math.Sqrt(difference / norm));
    }

    public static double Relative(float[] actual, float[] wanted) =>
        Relative(Array.ConvertAll(actual, value => (double)value), Array.ConvertAll(wanted, value => (double)value));

    /// <summary>NaN as infinity: NUnit takes NaN for less than any number.</summary>
    private static double Ordered(double distance) => double.IsNaN(distance) ? double.PositiveInfinity : distance;
}
