namespace Seal.Kernels;

/// <summary>
/// All scratch memory of one engine: a stack of buffers over one block. The first step of a new size measures; from the second on
/// the block is large enough and a step allocates nothing.
/// </summary>
public sealed class Arena(Operators operators) : IDisposable
{
    private const long Alignment = 64;

    private readonly List<DeviceMemory> _overflow = [];
    private DeviceMemory? _block;
    private long _used;
    private long _highWater;

    /// <summary>Bytes in use since the last <see cref="Reset"/>.</summary>
    public long Used => _used;

    /// <summary>Bytes held from the device.</summary>
    public long Capacity => (_block?.Bytes ?? 0) + _overflow.Sum(memory => memory.Bytes);

    /// <summary>Uninitialised memory for <c>[rows, columns]</c>, valid until it is released or the arena is reset.</summary>
    public DeviceBuffer Take(DType type, int rows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        long bytes = ((long)rows * columns * type.Size() + Alignment - 1) / Alignment * Alignment;
        bytes = Math.Max(bytes, Alignment);
        long offset = _used;
        _used += bytes;
        _highWater = Math.Max(_highWater, _used);
        if (_block is not null && _used <= _block.Bytes)
            return new DeviceBuffer(_block.Pointer + (nint)offset, type, rows, columns, operators.Device);
        // Past the block: serve from a piece of its own now, and from one larger block after the next Reset.
        DeviceMemory piece = operators.Allocate(bytes);
        _overflow.Add(piece);
        return new DeviceBuffer(piece.Pointer, type, rows, columns, operators.Device);
    }

    /// <summary>Activations in the engine's own type.</summary>
    public DeviceBuffer Activations(int rows, int columns) => Take(operators.Activation, rows, columns);

    /// <summary>Statistics, losses and gradients, in the wider type.</summary>
    public DeviceBuffer Wide(int rows, int columns) => Take(operators.Wide, rows, columns);

    /// <summary>A place to return to with <see cref="Release"/>.</summary>
    public long Mark() => _used;

    /// <summary>Gives back everything taken since <paramref name="mark"/>: temporaries of one layer.</summary>
    public void Release(long mark) => _used = mark;

    /// <summary>Gives back everything; grows the block if the last step did not fit.</summary>
    public void Reset()
    {
        _used = 0;
        if (_overflow.Count == 0)
            return;
        _overflow.ForEach(memory => memory.Dispose());
        _overflow.Clear();
        _block?.Dispose();
        _block = operators.Allocate(_highWater);
    }

    public void Dispose()
    {
        _overflow.ForEach(memory => memory.Dispose());
        _overflow.Clear();
        _block?.Dispose();
        _block = null;
    }
}
