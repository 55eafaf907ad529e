using System.Runtime.InteropServices;
using ILGPU;

namespace Seal.Kernels.Ilgpu;

/// <summary>
/// The arguments of one kernel, as its PTX wants them. A kernel has exactly one parameter, a struct of this ABI, little-endian: fields in
/// declared order, each at the next multiple of its own alignment; an <see cref="ArrayView{T}"/> is 16 bytes aligned at 8, the address of
/// its first element and then its number of elements, both 64 bits (none: two zeros); int and float are 4 bytes. The struct's size is a
/// multiple of 8 if it has a view, else of 4.
/// </summary>
internal ref struct ParameterBytes(Span<byte> bytes)
{
    private readonly Span<byte> _bytes = bytes;

    /// <summary>The most bytes that a kernel's parameters take here; CUDA allows 4096.</summary>
    public const int Capacity = 512;

    /// <summary>Bytes written so far, unpadded.</summary>
    public int Length { get; private set; }

    private int _alignment = 4;

    /// <summary>Bytes of the whole struct.</summary>
    public readonly int PaddedLength => Align(Length, _alignment);

    /// <summary>The whole struct.</summary>
    public readonly ReadOnlySpan<byte> Padded()
    {
        _bytes[Length..PaddedLength].Clear();
        return _bytes[..PaddedLength];
    }

    public void Add<T>(in ArrayView<T> view) where T : unmanaged
    {
        _alignment = 8;
        Write(8, AddressOf(view));
        Write(8, view.Length);
    }

    public void Add(int value) => Write(4, value);

    public void Add(float value) => Write(4, value);

    /// <summary>Views are over a buffer that begins at address 0 (<see cref="Launcher"/>), so their index is their address.</summary>
    private static long AddressOf<TView>(in TView view) where TView : struct, IContiguousArrayView => view.IndexInBytes;

    private void Write<T>(int alignment, T value) where T : unmanaged
    {
        int start = Align(Length, alignment);
        _bytes[Length..start].Clear();
        MemoryMarshal.Write(_bytes[start..], in value);
        Length = start + Marshal.SizeOf<T>();
    }

    private static int Align(int length, int alignment) => (length + alignment - 1) / alignment * alignment;
}

/// <summary>The one parameter of a kernel.</summary>
internal interface IArguments
{
    /// <summary>Writes every field, in declared order.</summary>
    void Pack(ref ParameterBytes bytes);
}
