using Seal.Kernels;

namespace Seal.Models.Pretraining;

internal static class NormalValues
{
    /// <summary>Independent normal values of mean 0, the same for a seed and name on every machine (Box and Muller, 1958).</summary>
    public static void Fill(Span<float> values, ulong seed, string name, double deviation)
    {
        ulong own = CounterRandom.Derive(seed, name);
        for (int i = 0; i < values.Length; i++)
        {
            double radius = Math.Sqrt(-2 * Math.Log(1 - CounterRandom.Uniform(own, 2 * (ulong)i)));
            values[i] = (float)(deviation * radius * Math.Cos(2 * Math.PI * CounterRandom.Uniform(own, 2 * (ulong)i + 1)));
        }
    }
}
