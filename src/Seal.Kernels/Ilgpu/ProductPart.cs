using ILGPU;

namespace Seal.Kernels.Ilgpu;

/// <summary>
/// Rows of a batch that are multiplied alike, under one adapter or none, and the tiles that the products of them take: a launch works
/// through the tiles of all parts, so that segments of any length share it.
/// </summary>
internal struct ProductPart
{
    /// <summary>Number of its first tile in the launch, and how many tiles lie side by side in it.</summary>
    public int FirstTile, ColumnTiles;

    /// <summary>Rows of the batch.</summary>
    public int Start, Rows;

    /// <summary>The adapter's rank on this linear (0: none), the first of its columns in Z, and where A and B begin in the flat arena.</summary>
    public int Rank, Column, A, B;

    public float Scale;

    /// <summary>The part that a tile belongs to.</summary>
    public static ProductPart Of(ArrayView<ProductPart> parts, int tile)
    {
        int part = 0;
        while (part + 1 < parts.IntLength && parts[part + 1].FirstTile <= tile)
            part++;
        return parts[part];
    }

    /// <summary>First row and column of a tile of this part, in units of tiles.</summary>
    public readonly int TileRow(int tile) => (tile - FirstTile) / ColumnTiles;

    public readonly int TileColumn(int tile) => (tile - FirstTile) % ColumnTiles;
}
