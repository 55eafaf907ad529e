namespace Seal.Learning.Statistics;

/// <summary>
/// The random numbers of Python's <c>random</c> module, bit for bit, so that the published subsets and orders can be drawn again.
/// MT19937 (Matsumoto and Nishimura, 1998), seeded by key array with the 32-bit words of the seed; bounded draws reject, as Python 3's do.
/// Everything of our own draws from <see cref="Kernels.CounterRandom"/> instead.
/// </summary>
public sealed class PythonRandom
{
    private const int Words = 624;
    private const int Shift = 397;

    private readonly uint[] _state = new uint[Words];
    private int _next = Words;

    /// <summary>The generator after Python's <c>random.seed(seed)</c>.</summary>
    public PythonRandom(ulong seed)
    {
        ReadOnlySpan<uint> key = seed >> 32 == 0 ? [(uint)seed] : [(uint)seed, (uint)(seed >> 32)];
        Fill(19650218);
        int i = 1, j = 0;
        for (int k = Math.Max(Words, key.Length); k > 0; k--)
        {
            _state[i] = (_state[i] ^ (Spread(_state[i - 1]) * 1664525)) + key[j] + (uint)j;
            if (++i == Words)
            {
                _state[0] = _state[Words - 1];
                i = 1;
            }
            if (++j == key.Length)
                j = 0;
        }
        for (int k = Words - 1; k > 0; k--)
        {
            _state[i] = (_state[i] ^ (Spread(_state[i - 1]) * 1566083941)) - (uint)i;
            if (++i == Words)
            {
                _state[0] = _state[Words - 1];
                i = 1;
            }
        }
        _state[0] = 0x80000000;
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
            draw = NextWord() >> (32 - bits);
        while (draw >= (uint)limit);
        return (int)draw;
    }

    private uint NextWord()
    {
        if (_next == Words)
            Twist();
        uint y = _state[_next++];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9D2C5680;
        y ^= (y << 15) & 0xEFC60000;
        return y ^ (y >> 18);
    }

    private void Twist()
    {
        for (int i = 0; i < Words; i++)
        {
            uint y = (_state[i] & 0x80000000) | (_state[(i + 1) % Words] & 0x7FFFFFFF);
            _state[i] = _state[(i + Shift) % Words] ^ (y >> 1) ^ ((y & 1) * 0x9908B0DF);
        }
        _next = 0;
    }

    private void Fill(uint seed)
    {
        _state[0] = seed;
        for (int i = 1; i < Words; i++)
            _state[i] = Spread(_state[i - 1]) * 1812433253 + (uint)i;
    }

    private static uint Spread(uint word) => word ^ (word >> 30);
}
