namespace Seal.Kernels;

/// <summary>How a block of 32 weights of a row is stored; ggml's types of these names.</summary>
public enum BlockType
{
    Q4_0,
    Q4_1,
    Q8_0,
}

/// <summary>A frozen matrix <c>[rows, columns]</c> as its file stores it: row after row, blocks of 32 weights.</summary>
/// <param name="type">What the blocks are.</param>
/// <param name="blocks">All of them: read while the matrix is prepared, not kept.</param>
public readonly ref struct QuantizedMatrix(BlockType type, ReadOnlySpan<byte> blocks, int rows, int columns)
{
    public BlockType Type { get; } = type;

    public ReadOnlySpan<byte> Blocks { get; } = blocks;

    public int Rows { get; } = rows;

    public int Columns { get; } = columns;
}
