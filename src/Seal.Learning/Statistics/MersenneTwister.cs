namespace Seal.Learning.Statistics;

/// <summary>The 32-bit words of MT19937 (Matsumoto and Nishimura, 1998), seeded in its two published ways: by a number, or by a key.</summary>
internal sealed class MersenneTwister
{
    private const int Words = 624;
    private const int Shift = 397;

    private readonly uint[] _state = new uint[Words];
    private int _next = Words;

    /// <summary>The generator that a single number seeds.</summary>
    public MersenneTwister(uint seed)
    {
        _state[0] = seed;
        for (int i = 1; i < Words; i++)
            _state[i] = Spread(_state[i - 1]) * 1812433253 + (uint)i;
    }

    /// <summary>The generator that a key of one or more words seeds.</summary>
    public MersenneTwister(ReadOnlySpan<uint> key)
        : this(19650218)
    {
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

    private MersenneTwister(MersenneTwister other)
    {
        other._state.CopyTo(_state, 0);
        _next = other._next;
    }

    /// <summary>A generator that goes on from here by itself.</summary>
    public MersenneTwister Copy() => new(this);

    public uint NextWord()
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

    private static uint Spread(uint word) => word ^ (word >> 30);
}
