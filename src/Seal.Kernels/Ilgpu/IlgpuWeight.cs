using System.Buffers;
using System.Runtime.InteropServices;

namespace Seal.Kernels.Ilgpu;

internal sealed partial class IlgpuOperators<TStored, TElement, TShape>
{
    public override PackedWeight Prepare(ReadOnlySpan<float> weight, int rows, int columns)
    {
        if (weight.Length != (long)rows * columns)
            throw new ArgumentException($"{weight.Length} values for a matrix of {rows} x {columns}", nameof(weight));
        DeviceMemory memory = Allocate(weight.Length * (long)Activation.Size());
        DeviceBuffer buffer = new(memory.Pointer, Activation, rows, columns, Device);
        Write(weight, buffer);
        return new IlgpuWeight(memory, buffer);
    }

    /// <summary>The matrix that the blocks stand for: no kernel here reads blocks.</summary>
    public override PackedWeight Prepare(QuantizedMatrix matrix)
    {
        float[] values = ArrayPool<float>.Shared.Rent(checked(matrix.Rows * matrix.Columns));
        try
        {
            Span<float> whole = values.AsSpan(0, matrix.Rows * matrix.Columns);
            QuantizedBlocks.Widen(matrix.Type, matrix.Blocks, whole);
            return Prepare(whole, matrix.Rows, matrix.Columns);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(values);
        }
    }

    public override void Write(ReadOnlySpan<float> values, DeviceBuffer y)
    {
        if (values.Length != y.Elements)
            throw new ArgumentException($"{values.Length} values for {y}", nameof(values));
        if (y.Type == DType.F32)
        {
            _launcher.CopyIn(MemoryMarshal.AsBytes(values), y.Pointer);
            return;
        }
        Require(y, Activation);
        TElement element = default;
        TStored[] narrow = ArrayPool<TStored>.Shared.Rent(values.Length);
        for (int i = 0; i < values.Length; i++)
            narrow[i] = element.Narrow(values[i]);
        _launcher.CopyIn(MemoryMarshal.AsBytes<TStored>(narrow.AsSpan(0, values.Length)), y.Pointer);
        ArrayPool<TStored>.Shared.Return(narrow);
    }

    public override void Read(DeviceBuffer x, Span<float> values)
    {
        int count = checked((int)x.Elements);
        if (values.Length < count)
            throw new ArgumentException($"room for {values.Length} values of {x}", nameof(values));
        if (x.Type == DType.F32)
        {
            _launcher.CopyOut(x.Pointer, MemoryMarshal.AsBytes(values[..count]));
            return;
        }
        Require(x, Activation);
        TElement element = default;
        TStored[] narrow = ArrayPool<TStored>.Shared.Rent(count);
        _launcher.CopyOut(x.Pointer, MemoryMarshal.AsBytes(narrow.AsSpan(0, count)));
        for (int i = 0; i < count; i++)
            values[i] = element.Widen(narrow[i]);
        ArrayPool<TStored>.Shared.Return(narrow);
    }

    private static void Require(DeviceBuffer buffer, DType type)
    {
        if (buffer.Type != type)
            throw new ArgumentException($"{buffer} does not hold {type}", nameof(buffer));
    }

    private static IlgpuWeight Own(PackedWeight weight) => weight as IlgpuWeight
        ?? throw new ArgumentException($"a weight prepared by the ilgpu backend was expected, not a {weight.GetType().Name}", nameof(weight));

    /// <summary>Row-major in the activation type: tiles are staged from it in either order.</summary>
    private sealed class IlgpuWeight(DeviceMemory memory, DeviceBuffer matrix) : PackedWeight(matrix.Rows, matrix.Columns)
    {
        public DeviceBuffer Matrix { get; } = matrix;

        public override long BytesPerStep => memory.Bytes;

        public override void Dispose() => memory.Dispose();
    }
}
