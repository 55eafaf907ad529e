namespace Seal.Kernels;

/// <summary>
/// A frozen matrix <c>[Rows = out, Columns = in]</c> in whatever layout its backend wants. Made once by
/// <see cref="Operators.Prepare"/>, shared by training and decoding; only the backend that made it can look inside.
/// </summary>
public abstract class PackedWeight(int rows, int columns) : IDisposable
{
    public int Rows { get; } = rows;

    public int Columns { get; } = columns;

    /// <summary>What a step of generation reads of it.</summary>
    public abstract long BytesPerStep { get; }

    public abstract void Dispose();
}
