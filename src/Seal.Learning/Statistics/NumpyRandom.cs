using System.Numerics;

namespace Seal.Learning.Statistics;

/// <summary>
/// The random numbers of numpy's <c>RandomState</c>, bit for bit, so that published orders can be drawn again: MT19937 seeded by a number;
/// a bounded draw masks a word's low bits and rejects what is too large.
/// </summary>
public sealed class NumpyRandom
{
    private readonly MersenneTwister _words;

    /// <summary>The generator after <c>RandomState(seed)</c>.</summary>
    public NumpyRandom(uint seed) => _words = new MersenneTwister(seed);

    private NumpyRandom(MersenneTwister words) => _words = words;

    /// <summary>A generator that goes on from here by itself; this one stays where it is.</summary>
    public NumpyRandom Copy() => new(_words.Copy());

    /// <summary>A whole number from 0 up to <paramref name="limit"/>, exclusive, as <c>randint(0, limit)</c>. A limit of 1 draws nothing.</summary>
    public int Below(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        if (limit == 1)
            return 0;
        uint mask = BitOperations.RoundUpToPowerOf2((uint)limit) - 1;
        uint draw;
        do
            draw = _words.NextWord() & mask;
        while (draw >= (uint)limit);
        return (int)draw;
    }

    /// <summary>Shuffles in place, as <c>shuffle</c> does: from the end, each element with one at or before it.</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = Below(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    /// <summary>The numbers below <paramref name="count"/> in random order, as <c>permutation(count)</c>.</summary>
    public int[] Permutation(int count)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        Shuffle<int>(order);
        return order;
    }
}
