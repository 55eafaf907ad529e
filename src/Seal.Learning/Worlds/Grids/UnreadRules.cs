using Seal.Learning.FewShot;

namespace Seal.Learning.Worlds.Grids;

/// <summary>The cells of one colour of a chessboard painted.</summary>
/// <param name="Odd">Not those like the corner at the top left.</param>
public sealed record Chessboard(bool Odd, int Colour) : GridTransform
{
    public override Grid Apply(Grid grid) => Grid.Of(grid.Rows, grid.Columns, (r, c) => (r + c) % 2 == (Odd ? 1 : 0) ? Colour : grid[r, c]);
}

/// <summary>Every second line painted, the one at a side first.</summary>
public sealed record Stripes(Side Side, int Colour) : GridTransform
{
    public override Grid Apply(Grid grid) => Lines.Map(grid, Side, line => [.. line.Select((cell, i) => i % 2 == 0 ? Colour : cell)]);
}

/// <summary>The half at a side painted, without the line in the middle.</summary>
public sealed record PaintedHalf(Side Side, int Colour) : GridTransform
{
    public override Grid Apply(Grid grid) => Lines.Map(grid, Side, line => [.. line.Select((cell, i) => i < line.Length / 2 ? Colour : cell)]);
}

/// <summary>All but the cells at the edge painted.</summary>
public sealed record Inside(int Colour) : GridTransform
{
    public override Grid Apply(Grid grid) => Grid.Of(grid.Rows, grid.Columns, (r, c) =>
        r == 0 || c == 0 || r == grid.Rows - 1 || c == grid.Columns - 1 ? grid[r, c] : Colour);
}

/// <summary>The four corners painted.</summary>
public sealed record Corners(int Colour) : GridTransform
{
    public override Grid Apply(Grid grid) => Grid.Of(grid.Rows, grid.Columns, (r, c) =>
        (r == 0 || r == grid.Rows - 1) && (c == 0 || c == grid.Columns - 1) ? Colour : grid[r, c]);
}

/// <summary>Each row moved to the left, around the edge, by its number; or each column upwards.</summary>
public sealed record Shear(bool Columns) : GridTransform
{
    public override Grid Apply(Grid grid) => Grid.Of(grid.Rows, grid.Columns, (r, c) =>
        Columns ? grid[(r + c) % grid.Rows, c] : grid[r, (c + r) % grid.Columns]);
}

/// <summary>The half at a side turned end for end: upside down for the left and the right, left to right for the top and the bottom.</summary>
public sealed record FlipHalf(Side Side) : GridTransform
{
    public override Grid Apply(Grid grid)
    {
        bool rows = Side is Side.Left or Side.Right;
        Grid flipped = new Flip(rows ? 0 : 1).Apply(grid);
        return Grid.Of(grid.Rows, grid.Columns, (r, c) => Inside(r, c) ? flipped[r, c] : grid[r, c]);

        bool Inside(int r, int c) => Side switch
        {
            Side.Top => r < grid.Rows / 2,
            Side.Bottom => r >= grid.Rows - grid.Rows / 2,
            Side.Left => c < grid.Columns / 2,
            _ => c >= grid.Columns - grid.Columns / 2,
        };
    }
}

/// <summary>Black and coloured change places.</summary>
public sealed record Negative(int Colour) : GridTransform
{
    public override Grid Apply(Grid grid) => Grid.Of(grid.Rows, grid.Columns, (r, c) => grid[r, c] == 0 ? Colour : 0);
}
