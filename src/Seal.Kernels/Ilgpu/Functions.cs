using ILGPU;

namespace Seal.Kernels.Ilgpu;

/// <summary>
/// Own exponential and logarithm: the same bits on the CPU accelerator and, up to the contraction of plain sums, on a GPU. The graphics
/// hardware's ex2 and lg2 lose a digit at the ends of attention's scores.
/// </summary>
internal static class Functions
{
    // ln 2 in two parts, the first with few enough bits that k · High is exact for every exponent k (Cody and Waite).
    private const float High = 0.693359375f, Low = -2.12194440e-4f;

    /// <summary>e^x within 2 units in the last place; 0 below -104, infinity above 88.8.</summary>
    public static float Exp(float x)
    {
        if (x > 88.8f)
            return float.PositiveInfinity;
        if (x < -104f)
            return 0;
        float turns = x * 1.44269504f;
        int k = (int)(turns + (turns >= 0 ? 0.5f : -0.5f));
        float r = Fused.MultiplyAdd(-k, Low, Fused.MultiplyAdd(-k, High, x)); // |r| ≤ ln 2 / 2
        float p = 1f / 5040;
        p = Fused.MultiplyAdd(p, r, 1f / 720);
        p = Fused.MultiplyAdd(p, r, 1f / 120);
        p = Fused.MultiplyAdd(p, r, 1f / 24);
        p = Fused.MultiplyAdd(p, r, 1f / 6);
        p = Fused.MultiplyAdd(p, r, 0.5f);
        p = Fused.MultiplyAdd(p, r, 1f);
        p = Fused.MultiplyAdd(p, r, 1f);
        // In two factors: 2^128 is no float, nor are the smallest powers normal ones.
        int half = k / 2;
        return p * Power(half) * Power(k - half);
    }

    /// <summary>ln x for a positive normal x, within 2 units in the last place, or of 1 near 1.</summary>
    public static float Log(float x)
    {
        uint bits = Interop.FloatAsInt(x);
        int k = (int)(bits >> 23) - 127;
        float m = Interop.IntAsFloat((bits & 0x007FFFFFu) | 0x3F800000u);
        if (m > 1.41421356f)
        {
            m *= 0.5f;
            k += 1;
        }
        // ln m = 2 artanh f with f = (m - 1) / (m + 1), |f| ≤ 0.172
        float f = (m - 1) / (m + 1);
        float s = f * f;
        float p = 2f / 9;
        p = Fused.MultiplyAdd(p, s, 2f / 7);
        p = Fused.MultiplyAdd(p, s, 2f / 5);
        p = Fused.MultiplyAdd(p, s, 2f / 3);
        float tail = Fused.MultiplyAdd(k, Low, f * s * p);
        return Fused.MultiplyAdd(k, High, Fused.MultiplyAdd(2f, f, tail));
    }

    public static float Sigmoid(float x) => 1 / (1 + Exp(-x));

    private static float Power(int k) => Interop.IntAsFloat((uint)(k + 127) << 23);
}
