namespace Seal.Kernels;

/// <summary>
/// Random numbers without state: a hash of (seed, counter), so a draw depends on what it is for and never on what was drawn before.
/// The finaliser is SplitMix64's (Steele, Lea and Flood, OOPSLA 2014).
/// </summary>
public static class CounterRandom
{
    /// <summary>64 random bits for a seed and a counter.</summary>
    public static ulong Bits(ulong seed, ulong counter) => Mix(Mix(seed + 0x9E3779B97F4A7C15) ^ (counter * 0xD1B54A32D192ED03 + 1));

    /// <summary>Uniform in [0, 1) with 53 bits.</summary>
    public static double Uniform(ulong seed, ulong counter) => (Bits(seed, counter) >> 11) * (1.0 / (1L << 53));

    /// <summary>A seed of its own for a part of the work: the tree of seeds grows from one root.</summary>
    public static ulong Derive(ulong seed, ReadOnlySpan<char> purpose)
    {
        // FNV-1a over the purpose: names must lead to the same seed on every machine, which string.GetHashCode does not.
        ulong hash = 0xCBF29CE484222325;
        foreach (char c in purpose)
            hash = (hash ^ c) * 0x100000001B3;
        return Bits(seed, hash);
    }

    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
