using Seal.Learning.FewShot;

namespace Seal.Learning.Worlds.Grids;

/// <summary>A side of a grid.</summary>
public enum Side
{
    Top,
    Bottom,
    Left,
    Right,
}

/// <summary>Coloured cells fall to a side, past black (0), in their order.</summary>
public sealed record Fall(Side Side) : GridTransform
{
    public override Grid Apply(Grid grid) => Lines.Map(grid, Side, line =>
    {
        int[] coloured = [.. line.Where(cell => cell != 0)];
        return [.. coloured, .. new int[line.Length - coloured.Length]];
    });
}

/// <summary>Every coloured cell draws a line to a side, up to the next coloured cell.</summary>
public sealed record Ray(Side Side) : GridTransform
{
    public override Grid Apply(Grid grid) => Lines.Map(grid, Side, line =>
    {
        int[] drawn = [.. line];
        for (int i = line.Length - 2; i >= 0; i--)
            drawn[i] = drawn[i] == 0 ? drawn[i + 1] : drawn[i];
        return drawn;
    });
}

/// <summary>The half at a side, mirrored onto the other half.</summary>
public sealed record Symmetric(Side Side) : GridTransform
{
    public override Grid Apply(Grid grid) => Lines.Map(grid, Side, line => [.. line.Select((_, i) => line[Math.Min(i, line.Length - 1 - i)])]);
}

/// <summary>The cells at the edge painted.</summary>
public sealed record Frame(int Colour) : GridTransform
{
    public override Grid Apply(Grid grid) => Grid.Of(grid.Rows, grid.Columns, (r, c) =>
        r == 0 || c == 0 || r == grid.Rows - 1 || c == grid.Columns - 1 ? Colour : grid[r, c]);
}

/// <summary>The line at a side cut off.</summary>
public sealed record Cut(Side Side) : GridTransform
{
    public override Grid Apply(Grid grid) => Lines.Map(grid, Side, line => line[Math.Min(1, line.Length - 1)..]);
}

/// <summary>Each row's count: as many cells of a colour, from the left, as the row has coloured ones.</summary>
public sealed record Tally(int Colour) : GridTransform
{
    public override Grid Apply(Grid grid) => Lines.Map(grid, Side.Left, line => [.. line.Select((_, i) => i < line.Count(cell => cell != 0) ? Colour : 0)]);
}

/// <summary>Grids as lines that begin at a side.</summary>
internal static class Lines
{
    /// <param name="map">A line, cells from the side inwards, to one that is as long for all lines.</param>
    public static Grid Map(Grid grid, Side side, Func<int[], int[]> map)
    {
        bool rows = side is Side.Left or Side.Right, far = side is Side.Bottom or Side.Right;
        int lines = rows ? grid.Rows : grid.Columns, length = rows ? grid.Columns : grid.Rows;
        int[][] mapped = [.. Enumerable.Range(0, lines).Select(line => map([.. Enumerable.Range(0, length).Select(i => At(line, i, length))]))];
        int after = mapped[0].Length;
        int Cell(int line, int i) => mapped[line][far ? after - 1 - i : i];
        return rows ? Grid.Of(lines, after, Cell) : Grid.Of(after, lines, (r, c) => Cell(c, r));

        int At(int line, int i, int count)
        {
            int place = far ? count - 1 - i : i;
            return rows ? grid[line, place] : grid[place, line];
        }
    }
}
