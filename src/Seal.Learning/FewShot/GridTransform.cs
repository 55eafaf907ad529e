namespace Seal.Learning.FewShot;

/// <summary>One way to make another grid of a grid. Typed, so that an inverse is an object and never a text to be evaluated.</summary>
public abstract record GridTransform
{
    public abstract Grid Apply(Grid grid);

    /// <summary>What undoes it; null where it cannot be undone, or never needs to be.</summary>
    public virtual GridTransform? Inverse() => null;
}

/// <summary>The grid as it is.</summary>
public sealed record Identity : GridTransform
{
    public override GridTransform Inverse() => this;

    public override Grid Apply(Grid grid) => grid;
}

/// <summary>Counter-clockwise by 90, 180 or 270 degrees: 90 makes [[2,5],[1,4],[0,3]] of [[0,1,2],[3,4,5]].</summary>
public sealed record Rotate(int Degrees) : GridTransform
{
    public override GridTransform Inverse() => new Rotate(360 - Degrees);

    public override Grid Apply(Grid grid) => Degrees switch
    {
        90 => Grid.Of(grid.Columns, grid.Rows, (r, c) => grid[c, grid.Columns - 1 - r]),
        180 => Grid.Of(grid.Rows, grid.Columns, (r, c) => grid[grid.Rows - 1 - r, grid.Columns - 1 - c]),
        270 => Grid.Of(grid.Columns, grid.Rows, (r, c) => grid[grid.Rows - 1 - c, r]),
        _ => throw new InvalidOperationException($"a grid is turned by 90, 180 or 270 degrees, not by {Degrees}"),
    };
}

/// <summary>Axis 0: upside down; axis 1: left to right.</summary>
public sealed record Flip(int Axis) : GridTransform
{
    public override GridTransform Inverse() => this;

    public override Grid Apply(Grid grid) => Axis == 0
        ? Grid.Of(grid.Rows, grid.Columns, (r, c) => grid[grid.Rows - 1 - r, c])
        : Grid.Of(grid.Rows, grid.Columns, (r, c) => grid[r, grid.Columns - 1 - c]);
}

/// <summary>Rows become columns.</summary>
public sealed record Transpose : GridTransform
{
    public override GridTransform Inverse() => this;

    public override Grid Apply(Grid grid) => Grid.Of(grid.Columns, grid.Rows, (r, c) => grid[c, r]);
}

/// <summary>The grid and its flip along an axis, joined along it; the flip first when reversed.</summary>
public sealed record Reflect(int Axis, bool Reverse) : GridTransform
{
    public override Grid Apply(Grid grid)
    {
        Grid flipped = new Flip(Axis).Apply(grid);
        return Reverse ? Join(flipped, grid, Axis) : Join(grid, flipped, Axis);
    }

    internal static Grid Join(Grid first, Grid second, int axis) => axis == 0
        ? Grid.Of(2 * first.Rows, first.Columns, (r, c) => r < first.Rows ? first[r, c] : second[r - first.Rows, c])
        : Grid.Of(first.Rows, 2 * first.Columns, (r, c) => c < first.Columns ? first[r, c] : second[r, c - first.Columns]);
}

/// <summary>The grid and its half turn, joined along an axis. No self-edit can ask for it, as published.</summary>
public sealed record Concat(int Axis) : GridTransform
{
    public override Grid Apply(Grid grid) => Reflect.Join(grid, new Rotate(180).Apply(grid), Axis);
}

/// <summary>Every cell becomes so many rows and columns: both for resolution, one of them for height or width.</summary>
public sealed record Enlarge(int Down, int Across) : GridTransform
{
    public override Grid Apply(Grid grid) => Grid.Of(grid.Rows * Down, grid.Columns * Across, (r, c) => grid[r / Down, c / Across]);
}

/// <summary>The grid as a tile, so many times down and across.</summary>
public sealed record Tile(int Down, int Across) : GridTransform
{
    public override Grid Apply(Grid grid) => Grid.Of(grid.Rows * Down, grid.Columns * Across, (r, c) => grid[r % grid.Rows, c % grid.Columns]);
}

/// <summary>The grid moved down and to the right; what leaves on one side enters on the other.</summary>
public sealed record Roll(int Down, int Right) : GridTransform
{
    public override GridTransform Inverse() => new Roll(-Down, -Right);

    public override Grid Apply(Grid grid) => Grid.Of(grid.Rows, grid.Columns, (r, c) => grid[Wrapped(r - Down, grid.Rows), Wrapped(c - Right, grid.Columns)]);

    private static int Wrapped(int at, int side) => ((at % side) + side) % side;
}

/// <summary>One after the other.</summary>
public sealed record Chain(GridTransform First, GridTransform Then) : GridTransform
{
    public override GridTransform? Inverse() => First.Inverse() is { } first && Then.Inverse() is { } then ? new Chain(then, first) : null;

    public override Grid Apply(Grid grid) => Then.Apply(First.Apply(grid));
}

/// <summary>Every colour becomes another one.</summary>
/// <param name="Map">The new colour of each of the ten.</param>
public sealed record Recolour(IReadOnlyList<int> Map) : GridTransform
{
    /// <summary>Changes these colours and no others.</summary>
    public static Recolour With(params ReadOnlySpan<(int From, int To)> changes)
    {
        int[] map = [.. Enumerable.Range(0, Grid.Colours)];
        foreach ((int from, int to) in changes)
            map[from] = to;
        return new Recolour(map);
    }

    public override GridTransform? Inverse()
    {
        int[] back = new int[Map.Count];
        Array.Fill(back, -1);
        for (int colour = 0; colour < Map.Count; colour++)
            back[Map[colour]] = colour;
        return back.Contains(-1) ? null : new Recolour(back);
    }

    public override Grid Apply(Grid grid) => Grid.Of(grid.Rows, grid.Columns, (r, c) => Map[grid[r, c]]);
}
