using System.Globalization;
using Seal.Kernels;
using Seal.Learning.FewShot;

namespace Seal.Learning.Worlds.Grids;

/// <summary>Tasks of the grid world, named as a file would be: <c>grids:learning</c>, <c>grids:evaluation</c>, with a seed <c>grids:learning:7</c>.</summary>
public static class GridTasks
{
    public const string Learning = "grids:learning", Evaluation = "grids:evaluation";

    /// <summary>How many, where nobody says: the world has no last one.</summary>
    public const int DefaultTake = 24;

    private const string Scheme = "grids";
    private const int Demonstrations = 4;

    public static bool Names(string source) => World.Names(source, Scheme);

    /// <exception cref="SealException">The name is none of these.</exception>
    public static IReadOnlyList<ArcTask> Read(string source, int? take)
    {
        (Share share, ulong seed) = World.Parse(source, Scheme);
        return Of(share, seed, take ?? DefaultTake);
    }

    /// <summary>Tasks of distinct families, the same for the same seed however many are taken.</summary>
    public static IReadOnlyList<ArcTask> Of(Share share, ulong seed, int count)
    {
        var tasks = new List<ArcTask>();
        var families = new HashSet<string>();
        for (int i = 0; tasks.Count < count; i++)
        {
            var dice = new Dice(CounterRandom.Derive(seed, $"{share} {i}"));
            GridFamily family = GridFamily.DrawUnread(share, dice);
            if (families.Add(family.Name) && GridTask.Draw(family, Demonstrations + 1, 3 + dice.Below(2), 3 + dice.Below(2), dice) is { } pairs)
                tasks.Add(new ArcTask(family.Name, pairs[..^1], [new TestInput(pairs[^1].Input, pairs[^1].Output)]));
        }
        return tasks;
    }
}
