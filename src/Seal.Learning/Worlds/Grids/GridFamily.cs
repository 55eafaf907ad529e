using System.Text;
using Seal.Kernels;
using Seal.Learning.FewShot;

namespace Seal.Learning.Worlds.Grids;

/// <summary>
/// Tasks of one kind: up to two transformations in a row, with colours that each task draws for itself. The base model reads those of one step and
/// a third of the pairs of these. In what is learned and asked one step of two is of a kind that it never reads, and an evaluation's kinds are none of
/// the outer loop's.
/// </summary>
/// <param name="Rules">The steps, given the colours that a task may use.</param>
public sealed record GridFamily(string Name, IReadOnlyList<Func<IReadOnlyList<int>, GridTransform>> Rules)
{
    private const int Probes = 6;

    /// <summary>Families of one step.</summary>
    public static IReadOnlyList<GridFamily> Simple { get; } =
    [
        Of("flip upside down", new Flip(0)), Of("flip left to right", new Flip(1)), Of("transpose", new Transpose()),
        Of("turn left", new Rotate(90)), Of("turn around", new Rotate(180)), Of("turn right", new Rotate(270)),
        Of("move down", new Roll(1, 0)), Of("move up", new Roll(-1, 0)), Of("move right", new Roll(0, 1)), Of("move left", new Roll(0, -1)),
        .. OfSides((side, name) => [Of($"fall to the {name}", new Fall(side)), Of($"lines to the {name}", new Ray(side)), Of($"mirror the {name}", new Symmetric(side)), Of($"cut the {name}", new Cut(side))]),
        Of("swap two colours", colours => Recolour.With((colours[0], colours[1]), (colours[1], colours[0]))),
        Of("recolour", colours => Recolour.With((colours[0], colours[^1]))),
        Of("frame", colours => new Frame(colours[0])),
        Of("count by row", colours => new Tally(colours[0])),
        Of("repeat to the right", new Tile(1, 2)), Of("repeat downwards", new Tile(2, 1)),
        Of("reflect to the right", new Reflect(1, false)), Of("reflect downwards", new Reflect(0, false)),
    ];

    /// <summary>Families of two steps that do what no simpler one does, each once.</summary>
    public static IReadOnlyList<GridFamily> Pairs { get; } = Compose();

    /// <summary>The third of the pairs that the base model reads.</summary>
    public static IReadOnlyList<GridFamily> ReadPairs { get; } = [.. Pairs.Where(family => CounterRandom.Derive(0, family.Name) % 3 == 0)];

    // To cut a line off is a step that shows through any other, so that what is joined to it is half known.
    private static readonly GridFamily[] s_companions = [.. Simple.Where(family => !family.Name.StartsWith("cut ", StringComparison.Ordinal))];

    private static readonly HashSet<string> s_readable = [.. Simple.Concat(Pairs).Select(Behaviour)];

    /// <summary>A family with a step that the base model never reads, before or after one that it reads, and that does what nothing that it may read does.</summary>
    /// <param name="share"><see cref="Share.Learning"/> or <see cref="Share.Evaluation"/>.</param>
    public static GridFamily DrawUnread(Share share, Dice dice)
    {
        IReadOnlyList<IReadOnlyList<GridFamily>> kinds = UnreadSteps.Of(share);
        while (true)
        {
            GridFamily unread = dice.Pick(dice.Pick(kinds)), read = dice.Pick(s_companions);
            GridFamily family = dice.Chance(0.5) ? Joined(unread, read) : Joined(read, unread);
            if (Grows(family) <= 2 && !s_readable.Contains(Behaviour(family)))
                return family;
        }
    }

    /// <summary>The transformation of one task.</summary>
    /// <param name="colours">What the task's grids are painted with; two or more.</param>
    public GridTransform Rule(IReadOnlyList<int> colours) => Rules.Select(step => step(colours)).Aggregate((first, then) => new Chain(first, then));

    /// <summary>The same without one of its steps.</summary>
    public GridTransform Without(int step, IReadOnlyList<int> colours) =>
        Rules.Where((_, i) => i != step).Select(rule => rule(colours)).Aggregate((GridTransform)new Identity(), (first, then) => new Chain(first, then));

    internal static GridFamily Of(string name, GridTransform rule) => Of(name, _ => rule);

    internal static GridFamily Of(string name, Func<IReadOnlyList<int>, GridTransform> rule) => new(name, [rule]);

    /// <param name="families">Of a side and its name.</param>
    internal static IEnumerable<GridFamily> OfSides(Func<Side, string, IEnumerable<GridFamily>> families) =>
        Enum.GetValues<Side>().SelectMany(side => families(side, side.ToString().ToLowerInvariant()));

    private static List<GridFamily> Compose()
    {
        HashSet<string> known = [.. Simple.Select(Behaviour), Behaviour(Of("nothing", new Identity()))];
        var composed = new List<GridFamily>();
        foreach (GridFamily first in Simple)
            foreach (GridFamily then in Simple)
            {
                GridFamily family = Joined(first, then);
                // Larger than any of its steps makes it, a grid would fill a prompt.
                if (Grows(family) <= 2 && known.Add(Behaviour(family)))
                    composed.Add(family);
            }
        return composed;
    }

    private static GridFamily Joined(params ReadOnlySpan<GridFamily> steps) =>
        new(string.Join(", ", steps.ToArray().Select(step => step.Name)), [.. steps.ToArray().Select(step => step.Rules[0])]);

    private static double Grows(GridFamily family) => (double)family.Rule([1, 2, 3]).Apply(Probe(0)).Cells.Length / Probe(0).Cells.Length;

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
