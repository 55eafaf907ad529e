using System.Numerics;

namespace Seal.Kernels.Cases;

/// <summary>How far results lie from a reference: |value − reference| / (|reference| + rms(reference)), the share that a <see cref="Tolerance"/> bounds.</summary>
public static class Comparison
{
    /// <summary>The largest share and its index. NaN, from either side, is the worst of all.</summary>
    public static (double Share, int Where) Worst<T>(ReadOnlySpan<T> found, ReadOnlySpan<T> expected) where T : INumber<T>
    {
        double squares = 0;
        foreach (T value in expected)
            squares += double.CreateChecked(value) * double.CreateChecked(value);
        double rms = Math.Sqrt(squares / Math.Max(1, expected.Length));
        (double Share, int Where) worst = (0, 0);
        for (int i = 0; i < expected.Length; i++)
        {
            double wanted = double.CreateChecked(expected[i]);
            double error = Math.Abs(double.CreateChecked(found[i]) - wanted);
            double share = error == 0 ? 0 : error / (Math.Abs(wanted) + rms);
            if (double.IsNaN(share))
                return (share, i);
            if (share > worst.Share)
                worst = (share, i);
        }
        return worst;
    }
}
