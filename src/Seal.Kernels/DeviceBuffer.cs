using System.Runtime.CompilerServices;

namespace Seal.Kernels;

/// <summary>
/// A dense row-major matrix <c>[Rows, Columns]</c> somewhere in device memory. A value, not an owner: the memory belongs to an
/// <see cref="Arena"/> (or another owner) that outlives it, so passing buffers around allocates nothing.
/// </summary>
public readonly record struct DeviceBuffer(nint Pointer, DType Type, int Rows, int Columns, Device Device)
{
    /// <summary>"No such operand": an optional input that is absent, or an output that nobody needs.</summary>
    public static DeviceBuffer None => default;

    public bool IsNone => Pointer == 0;

    public long Elements => (long)Rows * Columns;

    public long Bytes => Elements * Type.Size();

    /// <summary>The same memory with another shape; the number of elements must stay.</summary>
    public DeviceBuffer Reshape(int rows, int columns)
    {
        if ((long)rows * columns != Elements)
            throw new ArgumentException($"cannot view [{Rows}, {Columns}] as [{rows}, {columns}]");
        return this with { Rows = rows, Columns = columns };
    }

    /// <summary>Rows <paramref name="start"/> up to <paramref name="start"/> + <paramref name="count"/>.</summary>
    public DeviceBuffer Slice(int start, int count)
    {
        if (start < 0 || count < 0 || start > Rows - count)
            throw new ArgumentOutOfRangeException(nameof(start), $"rows {start}..{start + count} of a buffer of {Rows}");
        return this with { Pointer = Pointer + (nint)((long)start * Columns * Type.Size()), Rows = count };
    }

    /// <summary>Host memory as a span. Only for buffers on the host.</summary>
    public unsafe Span<T> AsSpan<T>() where T : unmanaged
    {
        if (Device.Kind != DeviceKind.Host)
            throw new InvalidOperationException($"buffer on {Device} cannot be read in place; use Operators.Read");
        if (Unsafe.SizeOf<T>() != Type.Size())
            throw new InvalidOperationException($"{typeof(T).Name} does not match element type {Type}");
        return new Span<T>((void*)Pointer, checked((int)Elements));
    }

    /// <summary>Address of a table of the step's plan, which every backend reads from the host.</summary>
    internal nint HostPointer => IsNone || Device.Kind == DeviceKind.Host
        ? Pointer
        : throw new InvalidOperationException($"{this}: a table of the step's plan is expected in host memory");

    public override string ToString() => IsNone ? "none" : $"{Type}[{Rows}, {Columns}] on {Device}";
}
