using System.Text;

namespace Seal.Learning.FewShot;

/// <summary>A rectangle of coloured cells. Immutable; equal when shape and cells are.</summary>
public sealed class Grid : IEquatable<Grid>
{
    /// <summary>No side of a task's grid is longer.</summary>
    public const int MaxSide = 30;

    /// <summary>Colours are 0 to 9.</summary>
    public const int Colours = 10;

    private readonly int[] _cells;

    /// <param name="rows">1 or more.</param>
    /// <param name="columns">1 or more.</param>
    /// <param name="cells">Row by row. What a model answers may hold other numbers than colours, and be larger than a task's grids.</param>
    public Grid(int rows, int columns, ReadOnlySpan<int> cells)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        if (cells.Length != (long)rows * columns)
            throw new ArgumentException($"{cells.Length} cells for a grid of {rows} x {columns}", nameof(cells));
        (Rows, Columns, _cells) = (rows, columns, cells.ToArray());
    }

    public int Rows { get; }

    public int Columns { get; }

    /// <summary>Row by row.</summary>
    public ReadOnlySpan<int> Cells => _cells;

    public int this[int row, int column] => _cells[row * Columns + column];

    public ReadOnlySpan<int> Row(int row) => _cells.AsSpan(row * Columns, Columns);

    /// <summary>No side longer than a task's may be.</summary>
    public bool FitsATask => Rows <= MaxSide && Columns <= MaxSide;

    /// <summary>A grid cell by cell.</summary>
    public static Grid Of(int rows, int columns, Func<int, int, int> cell)
    {
        int[] cells = new int[rows * columns];
        for (int r = 0; r < rows; r++)
            for (int c = 0; c < columns; c++)
                cells[r * columns + c] = cell(r, c);
        return new Grid(rows, columns, cells);
    }

    /// <summary>A grid from its rows, which are of one length.</summary>
    public static Grid Of(IReadOnlyList<IReadOnlyList<int>> rows) => Of(rows.Count, rows[0].Count, (r, c) => rows[r][c]);

    public bool Equals(Grid? other) => other is not null && Rows == other.Rows && Columns == other.Columns && Cells.SequenceEqual(other.Cells);

    public override bool Equals(object? obj) => Equals(obj as Grid);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Rows);
        foreach (int cell in _cells)
            hash.Add(cell);
        return hash.ToHashCode();
    }

    /// <summary>As the prompts show it; see <see cref="GridText"/>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder("[");
        for (int r = 0; r < Rows; r++)
            text.Append(r == 0 ? "[" : "\n [").AppendJoin(' ', Row(r).ToArray()).Append(']');
        return text.Append(']').ToString();
    }
}
