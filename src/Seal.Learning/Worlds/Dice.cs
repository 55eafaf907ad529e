using Seal.Kernels;

namespace Seal.Learning.Worlds;

/// <summary>Draws in a row from one seed, the same on every machine.</summary>
public sealed class Dice(ulong seed)
{
    private ulong _drawn;

    /// <summary>Uniform in [0, 1).</summary>
    public double Uniform() => CounterRandom.Uniform(seed, _drawn++);

    /// <summary>0 to n − 1.</summary>
    public int Below(int n) => (int)(Uniform() * n);

    public bool Chance(double probability) => Uniform() < probability;

    public T Pick<T>(IReadOnlyList<T> list) => list[Below(list.Count)];

    /// <summary>The list in random order (Fisher and Yates).</summary>
    public T[] Shuffled<T>(IEnumerable<T> list)
    {
        T[] items = [.. list];
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = Below(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
        return items;
    }

    /// <summary>One of the list, with chances in the ratio of the weights.</summary>
    public T Weighted<T>(IReadOnlyList<(T Item, double Weight)> list)
    {
        double left = Uniform() * list.Sum(entry => entry.Weight);
        foreach ((T item, double weight) in list)
            if ((left -= weight) < 0)
                return item;
        return list[^1].Item;
    }
}
