using System.Buffers;
using System.Runtime.InteropServices;

namespace Seal.Models.Formats;

/// <summary>
/// One tensor of a mapped file: name, shape (outermost first), stored type. Its numbers are widened when they are asked for,
/// and may be asked for from several threads at once, until the file is disposed.
/// </summary>
public sealed class StoredTensor
{
    /// <summary>Elements widened at a time: the buffer stays in the first-level cache; whole blocks of every type.</summary>
    private const int PieceLength = 4096;

    private readonly MappedFile file;
    private readonly long offset;
    private readonly int pairedHead;

    internal StoredTensor(MappedFile file, long offset, string name, long[] shape, StoredType type, int pairedHead = 0)
    {
        this.file = file;
        this.offset = offset;
        this.pairedHead = pairedHead;
        Name = name;
        Shape = shape;
        Type = type;
        Count = ElementCount(shape);
    }

    public string Name { get; }

    /// <summary>Outermost dimension first: a linear layer's weight is [out, in].</summary>
    public long[] Shape { get; }

    public StoredType Type { get; }

    /// <summary>Number of elements.</summary>
    public long Count { get; }

    /// <summary>Number of elements of that shape; dimensions are not negative.</summary>
    /// <exception cref="OverflowException">More than 2^63.</exception>
    internal static long ElementCount(ReadOnlySpan<long> shape)
    {
        long count = 1;
        foreach (long dimension in shape) count = checked(count * dimension);
        return count;
    }

    /// <summary>All elements, row by row, exactly as stored or as the blocks say; float64 is rounded.</summary>
    /// <param name="destination">As long as <see cref="Count"/>.</param>
    public void ReadFloat32(Span<float> destination)
    {
        RequireLength(destination.Length);
        foreach ((long source, int at, int count) in Pieces())
            Widening.ToFloat32(Type, Bytes(source, count), destination.Slice(at, count));
        file.Forget(offset, Type.ByteCount(Count));
    }

    /// <summary>All elements as they are stored, row by row.</summary>
    /// <param name="destination">As long as the tensor in its file.</param>
    public void ReadStored(Span<byte> destination)
    {
        if (destination.Length != Type.ByteCount(Count)) throw new ArgumentException($"{Name} has {Type.ByteCount(Count)} bytes, the destination {destination.Length}");
        foreach ((long source, int at, int count) in Pieces())
            Bytes(source, count).CopyTo(destination[(int)Type.ByteCount(at)..]);
    }

    /// <summary>All elements as bfloat16: unchanged where stored so, else rounded from float32 to nearest even.</summary>
    /// <param name="destination">As long as <see cref="Count"/>.</param>
    public void ReadBFloat16(Span<ushort> destination)
    {
        RequireLength(destination.Length);
        float[] wide = ArrayPool<float>.Shared.Rent(PieceLength);
        foreach ((long source, int at, int count) in Pieces())
        {
            Span<ushort> piece = destination.Slice(at, count);
            if (Type == StoredType.BF16)
            {
                Bytes(source, count).CopyTo(MemoryMarshal.AsBytes(piece));
                continue;
            }
            Widening.ToFloat32(Type, Bytes(source, count), wide.AsSpan(0, count));
            BFloat16.Round(wide.AsSpan(0, count), piece);
        }
        ArrayPool<float>.Shared.Return(wide);
        file.Forget(offset, Type.ByteCount(Count));
    }

    /// <summary>The same tensor under another name.</summary>
    internal StoredTensor Named(string name) => new(file, offset, name, Shape, Type, pairedHead);

    /// <summary>
    /// The same tensor with the rows of each head, stored as pairs (i, i + D/2 side by side), in two halves again:
    /// row h D + p D/2 + i is stored at h D + 2 i + p, for p = 0, 1. That is what GGUF files do to llama's q and k.
    /// </summary>
    internal StoredTensor WithHeadsInHalves(int headDim) => new(file, offset, Name, Shape, Type, headDim);

    private ReadOnlySpan<byte> Bytes(long element, int count) =>
        file.Bytes(offset + Type.ByteCount(element), (int)Type.ByteCount(count));

    /// <summary>Ranges that are contiguous in the file: first element there, where it goes, how many.</summary>
    private IEnumerable<(long Source, int At, int Count)> Pieces()
    {
        int run = pairedHead == 0 ? (int)Count : (int)(Count / Shape[0]);
        for (int start = 0; start < Count; start += run)
        {
            long source = pairedHead == 0 ? 0 : StoredRow(start / run) * run;
            for (long at = 0; at < run; at += PieceLength)
                yield return (source + at, start + (int)at, (int)Math.Min(PieceLength, run - at));
        }
    }

    private long StoredRow(long row)
    {
        (long head, long within) = Math.DivRem(row, pairedHead);
        (long half, long pair) = Math.DivRem(within, pairedHead / 2);
        return head * pairedHead + 2 * pair + half;
    }

    private void RequireLength(int length)
    {
        if (length != Count) throw new ArgumentException($"{Name} has {Count} elements, the destination {length}");
    }
}
