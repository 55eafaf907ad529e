namespace Seal.Learning.Statistics;

/// <summary>
/// The random numbers of Python's <c>random</c> module, bit for bit, so that the published subsets and orders can be drawn again.
/// MT19937, seeded by a key of the 32-bit words of the seed; bounded draws take a word's high bits and reject, as Python 3's do.
/// Everything of our own draws from <see cref="Kernels.CounterRandom"/> instead.
/// </summary>
public sealed class PythonRandom
{
    private readonly MersenneTwister _words;

    /// <summary>The generator after Python's <c>random.seed(seed)</c>.</summary>
    public PythonRandom(ulong seed)
    {
        ReadOnlySpan<uint> key = seed >> 32 == 0 ? [(uint)seed] : [(uint)seed, (uint)(seed >> 32)];
        _words = new MersenneTwister(key);
    }

    /// <summary>Shuffles in place, as <c>random.shuffle</c> does: from the end, each element with one at or before it.</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = Below(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    /// <summary>Draws without replacement, as <c>random.sample(range(population), count)</c> does.</summary>
    /// <param name="population">How many there are; the result holds indices below it.</param>
    /// <param name="count">How many to draw, at most <paramref name="population"/>.</param>
    public int[] Sample(int population, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, population);
        int[] drawn = new int[count];
        if (population <= SetOutgrowsListAt(count))
        {
            int[] pool = Enumerable.Range(0, population).ToArray();
            for (int i = 0; i < count; i++)
            {
                int j = Below(population - i);
                drawn[i] = pool[j];
                pool[j] = pool[population - i - 1];
            }
            return drawn;
        }
        var seen = new HashSet<int>();
        for (int i = 0; i < count; i++)
        {
            do
                drawn[i] = Below(population);
            while (!seen.Add(drawn[i]));
        }
        return drawn;
    }

    // Python picks the method by estimated memory, and the method decides the draws: 21 + 4^ceil(log4(3 count)) for count > 5.
    private static long SetOutgrowsListAt(int count)
    {
        if (count <= 5)
            return 21;
        long table = 1;
        while (table < 3L * count)
            table *= 4;
        return 21 + table;
    }

    private int Below(int limit)
    {
        int bits = 32 - int.LeadingZeroCount(limit);
        uint draw;
        do
            draw = _words.NextWord() >> (32 - bits);
        while (draw >= (uint)limit);
        return (int)draw;
    }
}
