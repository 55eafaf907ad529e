namespace Seal.Kernels;

/// <summary>
/// All scratch memory of one engine: a stack of buffers over one block. Who knows what a step takes reserves it, and the step allocates
/// nothing; without that the first step of a new size measures, and the block is large enough from the second on.
/// </summary>
public sealed class Arena(Operators operators) : IDisposable
{
    private const long Alignment = 64;

    private readonly List<(long Offset, DeviceMemory Memory)> _overflow = []; // in the order they were taken
    private DeviceMemory? _block;
    private long _used;
    private long _highWater;

    /// <summary>Bytes in use since the last <see cref="Reset"/>.</summary>
    public long Used => _used;

    /// <summary>The most bytes that were in use at once.</summary>
    public long HighWater => _highWater;

    /// <summary>Bytes held from the device.</summary>
    public long Capacity => (_block?.Bytes ?? 0) + _overflow.Sum(piece => piece.Memory.Bytes);

    /// <summary>Bytes that a buffer takes of the block.</summary>
    public static long Size(DType type, int rows, int columns) =>
        Math.Max(Alignment, ((long)rows * columns * type.Size() + Alignment - 1) / Alignment * Alignment);

    /// <summary>Uninitialised memory for <c>[rows, columns]</c>, valid until it is released or the arena is reset.</summary>
    public DeviceBuffer Take(DType type, int rows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        long bytes = Size(type, rows, columns);
        long offset = _used;
        _used += bytes;
        _highWater = Math.Max(_highWater, _used);
        if (_block is not null && _used <= _block.Bytes)
            return new DeviceBuffer(_block.Pointer + (nint)offset, type, rows, columns, operators.Device);
        // Past the block: serve from a piece of its own now, and from one larger block after the next Reset.
        DeviceMemory piece = operators.Allocate(bytes);
        _overflow.Add((offset, piece));
        return new DeviceBuffer(piece.Pointer, type, rows, columns, operators.Device);
    }

    /// <summary>Activations in the engine's own type.</summary>
    public DeviceBuffer Activations(int rows, int columns) => Take(operators.Activation, rows, columns);

    /// <summary>Statistics, losses and gradients, in the wider type.</summary>
    public DeviceBuffer Wide(int rows, int columns) => Take(operators.Wide, rows, columns);

    /// <summary>A place to return to with <see cref="Release"/>.</summary>
    public long Mark() => _used;

    /// <summary>Gives back everything taken since <paramref name="mark"/>: temporaries of one layer.</summary>
    public void Release(long mark)
    {
        _used = mark;
        while (_overflow.Count > 0 && _overflow[^1].Offset >= mark)
        {
            _overflow[^1].Memory.Dispose();
            _overflow.RemoveAt(_overflow.Count - 1);
        }
    }

    /// <summary>Gives back everything; grows the block to what is to come, and to what was taken since the last time.</summary>
    /// <param name="bytes">What the next step will take; 0 = not known.</param>
    public void Reset(long bytes = 0)
    {
        bytes = Math.Max(bytes, _highWater);
        Release(0);
        if (bytes <= (_block?.Bytes ?? 0))
            return;
        _block?.Dispose();
        _block = operators.Allocate(bytes);
    }

    public void Dispose()
    {
        Release(0);
        _block?.Dispose();
        _block = null;
    }
}
