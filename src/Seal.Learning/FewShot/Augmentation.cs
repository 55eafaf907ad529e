using Seal.Learning.Statistics;

namespace Seal.Learning.FewShot;

/// <summary>One way to make another exercise of an exercise, demonstrations and held-out pair alike.</summary>
public abstract record Augmentation
{
    /// <param name="random">Moves on when something was drawn from it.</param>
    public abstract Exercise Apply(Exercise exercise, NumpyRandom random);

    /// <summary>The augmentations that a self-edit asks for, in the published order.</summary>
    /// <param name="asPublished">Shift a pair's input and output differently.</param>
    public static IReadOnlyList<Augmentation> Of(DataGeneration data, bool asPublished) =>
    [
        .. data.UseBasicAugmentations ? Basic(asPublished) : [],
        .. data.UseSizeAugmentations ? Transforms(new Enlarge(2, 2), new Enlarge(2, 1), new Enlarge(1, 2)) : [],
        .. data.UseChainAugmentations ? Transforms([.. Turns.Append(new Transpose()).Select(turn => new Chain(turn, new Enlarge(2, 2)))]) : [],
        .. data.UseRepeatAugmentations ? Transforms(new Tile(2, 1), new Tile(1, 2), new Tile(2, 2)) : [],
    ];

    private static IEnumerable<GridTransform> Turns => [new Rotate(90), new Rotate(270), new Rotate(180), new Flip(0), new Flip(1)];

    private static IEnumerable<Augmentation> Basic(bool asPublished) =>
    [
        .. Transforms([.. Turns, new Reflect(0, true), new Reflect(1, true), new Reflect(0, false), new Reflect(1, false)]),
        new Shifted(asPublished),
        new Transformed(new Transpose()),
    ];

    private static IEnumerable<Augmentation> Transforms(params GridTransform[] transforms) => transforms.Select(transform => new Transformed(transform));
}

/// <summary>Every grid transformed alike.</summary>
public sealed record Transformed(GridTransform Transform) : Augmentation
{
    public override Exercise Apply(Exercise exercise, NumpyRandom random) => exercise.Map(Transform);
}

/// <summary>
/// Every grid rolled by fewer than four cells each way. One shift for all grids of an exercise, fitting the smallest; as published, each
/// pair starts from the same place of the generator, which does not move on, and its output draws after its input: pairs agree with one
/// another, but an input is shifted differently from its output.
/// </summary>
public sealed record Shifted(bool AsPublished) : Augmentation
{
    private const int Most = 4;

    public override Exercise Apply(Exercise exercise, NumpyRandom random)
    {
        if (!AsPublished)
        {
            Roll roll = Draw(random, exercise.Grids.Min(grid => grid.Rows), exercise.Grids.Min(grid => grid.Columns));
            return exercise.Map(roll);
        }
        return exercise.Map(pair =>
        {
            NumpyRandom own = random.Copy();
            Grid input = Draw(own, pair.Input.Rows, pair.Input.Columns).Apply(pair.Input);
            return new Pair(input, Draw(own, pair.Output.Rows, pair.Output.Columns).Apply(pair.Output));
        });
    }

    private static Roll Draw(NumpyRandom random, int rows, int columns)
    {
        int down = random.Below(Math.Min(Most, rows));
        return new Roll(down, random.Below(Math.Min(Most, columns)));
    }
}

/// <summary>
/// Black (0) stays. The other colours in use become, one by one, colours that are not in use, in random order, while there are any; the
/// rest swap in pairs.
/// </summary>
public sealed record PermutedColours : Augmentation
{
    public override Exercise Apply(Exercise exercise, NumpyRandom random)
    {
        bool[] used = new bool[Grid.Colours];
        foreach (Grid grid in exercise.Grids)
            foreach (int colour in grid.Cells)
                used[colour] = true;
        int[] colours = [.. Enumerable.Range(1, Grid.Colours - 1).Where(colour => used[colour])];
        int[] free = [.. Enumerable.Range(1, Grid.Colours - 1).Where(colour => !used[colour])];
        random.Shuffle<int>(free);
        int[] map = [.. Enumerable.Range(0, Grid.Colours)];
        int moved = Math.Min(colours.Length, free.Length);
        for (int i = 0; i < moved; i++)
            map[colours[i]] = free[i];
        int[] rest = colours[moved..], order = random.Permutation(rest.Length);
        for (int i = 0; i + 1 < order.Length; i += 2)
            (map[rest[order[i]]], map[rest[order[i + 1]]]) = (rest[order[i + 1]], rest[order[i]]);
        return exercise.Map(new Recolour(map));
    }
}

/// <summary>The demonstrations in random order.</summary>
public sealed record PermutedExamples : Augmentation
{
    public override Exercise Apply(Exercise exercise, NumpyRandom random) =>
        exercise with { Demonstrations = [.. random.Permutation(exercise.Demonstrations.Count).Select(i => exercise.Demonstrations[i])] };
}
