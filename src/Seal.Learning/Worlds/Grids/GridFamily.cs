using System.Text;
using Seal.Kernels;
using Seal.Learning.FewShot;

namespace Seal.Learning.Worlds.Grids;

/// <summary>
/// Tasks of one kind: a transformation, or two in a row, with colours that each task draws for itself. Simple families are what the base model
/// reads; those of two steps are dealt to the shares by their name's hash, so that what an evaluation asks is no family that was ever read or
/// reinforced. Of families that do the same (to recolour and to flip, to flip and to recolour) there is one.
/// </summary>
/// <param name="Rules">The steps, given the colours that a task may use.</param>
public sealed record GridFamily(string Name, Share Share, IReadOnlyList<Func<IReadOnlyList<int>, GridTransform>> Rules)
{
    private const int Probes = 6;

    /// <summary>Families of one step.</summary>
    public static IReadOnlyList<GridFamily> Simple { get; } =
    [
        Of("flip upside down", new Flip(0)), Of("flip left to right", new Flip(1)), Of("transpose", new Transpose()),
        Of("turn left", new Rotate(90)), Of("turn around", new Rotate(180)), Of("turn right", new Rotate(270)),
        Of("move down", new Roll(1, 0)), Of("move up", new Roll(-1, 0)), Of("move right", new Roll(0, 1)), Of("move left", new Roll(0, -1)),
        .. Enum.GetValues<Side>().SelectMany(side =>
        {
            string name = side.ToString().ToLowerInvariant();
            return new[] { Of($"fall to the {name}", new Fall(side)), Of($"lines to the {name}", new Ray(side)), Of($"mirror the {name}", new Symmetric(side)), Of($"cut the {name}", new Cut(side)) };
        }),
        Of("swap two colours", colours => Recolouring(colours[0], colours[1], colours[0])),
        Of("recolour", colours => Recolouring(colours[0], colours[^1], colours[^1])),
        Of("frame", colours => new Frame(colours[0])),
        Of("count by row", colours => new Tally(colours[0])),
        Of("repeat to the right", new Tile(1, 2)), Of("repeat downwards", new Tile(2, 1)),
        Of("reflect to the right", new Reflect(1, false)), Of("reflect downwards", new Reflect(0, false)),
    ];

    /// <summary>Families of two steps.</summary>
    public static IReadOnlyList<GridFamily> Composed { get; } = Compose();

    /// <summary>The transformation of one task.</summary>
    /// <param name="colours">What the task's grids are painted with; two or more.</param>
    public GridTransform Rule(IReadOnlyList<int> colours) => Rules.Count == 1 ? Rules[0](colours) : new Chain(Rules[0](colours), Rules[1](colours));

    private static GridFamily Of(string name, GridTransform rule) => Of(name, _ => rule);

    private static GridFamily Of(string name, Func<IReadOnlyList<int>, GridTransform> rule) => new(name, Share.Pretraining, [rule]);

    private static Recolour Recolouring(int one, int other, int otherBecomes)
    {
        int[] map = [.. Enumerable.Range(0, Grid.Colours)];
        (map[one], map[other]) = (other, otherBecomes);
        return new Recolour(map);
    }

    private static List<GridFamily> Compose()
    {
        HashSet<string> known = [.. Simple.Select(Behaviour), Behaviour(Of("nothing", new Identity()))];
        var composed = new List<GridFamily>();
        foreach (GridFamily first in Simple)
            foreach (GridFamily then in Simple)
            {
                string name = $"{first.Name}, {then.Name}";
                var share = (Share)(CounterRandom.Derive(0, name) % 3);
                var family = new GridFamily(name, share, [first.Rules[0], then.Rules[0]]);
                // Larger than any of its steps makes it, a grid would fill a prompt.
                if (family.Rule([1, 2, 3]).Apply(Probe(0)).Cells.Length <= 2 * Probe(0).Cells.Length && known.Add(Behaviour(family)))
                    composed.Add(family);
            }
        return composed;
    }

    /// <summary>What it makes of some grids: two families are the same when these texts are.</summary>
    private static string Behaviour(GridFamily family)
    {
        GridTransform rule = family.Rule([1, 2, 3]);
        var text = new StringBuilder();
        for (int i = 0; i < Probes; i++)
            text.Append(rule.Apply(Probe(i)));
        return text.ToString();
    }

    private static Grid Probe(int number)
    {
        var dice = new Dice(CounterRandom.Derive(0, $"probe {number}"));
        return Grid.Of(4 + number % 2, 4 + number / 2 % 2, (_, _) => dice.Below(4));
    }
}
