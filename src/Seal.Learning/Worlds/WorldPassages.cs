using System.Globalization;
using Seal.Kernels;
using Seal.Learning.Knowledge;

namespace Seal.Learning.Worlds;

/// <summary>Passages of the generated world, named as a file would be: <c>world:learning</c>, <c>world:evaluation</c>, with a seed <c>world:learning:7</c>.</summary>
public static class WorldPassages
{
    public const string Learning = "world:learning", Evaluation = "world:evaluation";

    /// <summary>How many, where nobody says: the world has no last one.</summary>
    public const int DefaultTake = 48;

    private const string Scheme = "world:";

    public static bool Names(string source) => source.StartsWith(Scheme, StringComparison.Ordinal);

    /// <summary>A world's passages of that seed, where none is named; files have no seeds.</summary>
    public static string WithSeed(string source, ulong seed) =>
        Names(source) && source.Split(':').Length == 2 ? string.Create(CultureInfo.InvariantCulture, $"{source}:{seed}") : source;

    /// <exception cref="SealException">The name is none of these.</exception>
    public static IReadOnlyList<Passage> Read(string source, int? take)
    {
        string[] parts = source[Scheme.Length..].Split(':');
        Share? share = parts[0] switch { "learning" => Share.Learning, "evaluation" => Share.Evaluation, _ => null };
        ulong seed = 1;
        if (share is not { } known || parts.Length > 2 || parts.Length == 2 && !ulong.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out seed))
            throw new SealException($"passages '{source}': expected world:learning or world:evaluation, with a seed as in world:learning:7");
        return Of(known, seed, take ?? DefaultTake);
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
