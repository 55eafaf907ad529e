using Seal.Kernels;
using Seal.Learning.Knowledge;

namespace Seal.Learning.Worlds;

/// <summary>Passages of the generated world, named as a file would be: <c>world:learning</c>, <c>world:evaluation</c>, with a seed <c>world:learning:7</c>.</summary>
public static class WorldPassages
{
    public const string Learning = "world:learning", Evaluation = "world:evaluation";

    /// <summary>How many, where nobody says: the world has no last one.</summary>
    public const int DefaultTake = 48;

    private const string Scheme = "world";

    public static bool Names(string source) => World.Names(source, Scheme);

    /// <exception cref="SealException">The name is none of these.</exception>
    public static IReadOnlyList<Passage> Read(string source, int? take)
    {
        (Share share, ulong seed) = World.Parse(source, Scheme);
        return Of(share, seed, take ?? DefaultTake);
    }

    /// <summary>Passages of distinct entities, the same for the same seed however many are taken.</summary>
    public static IReadOnlyList<Passage> Of(Share share, ulong seed, int count)
    {
        var passages = new List<Passage>();
        var names = new HashSet<string>();
        for (int i = 0; passages.Count < count; i++)
        {
            var dice = new Dice(CounterRandom.Derive(seed, $"{share} {i}"));
            Entity entity = Entity.Invent(share, dice);
            if (names.Add(entity.Name))
                passages.Add(entity.Passage(dice));
        }
        return passages;
    }
}
