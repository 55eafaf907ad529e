using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Seal.Kernels;

namespace Seal.Models.Formats;

/// <summary>
/// Stored bytes to float32. Blocks of 32 weights: <see cref="QuantizedBlocks"/>; Q5_0 and Q5_1 as the Q4 types there with a fifth bit
/// each, in 32 bits of their own, and 16 for the 8. Blocks of 256: <see cref="KQuants"/>.
/// Product and sum round separately, as in the reference.
/// </summary>
internal static class Widening
{
    /// <param name="source">Whole blocks.</param>
    /// <param name="destination">As many numbers as the blocks hold.</param>
    public static void ToFloat32(StoredType type, ReadOnlySpan<byte> source, Span<float> destination)
    {
        switch (type)
        {
            case StoredType.F32: source.CopyTo(MemoryMarshal.AsBytes(destination)); break;
            case StoredType.F16: TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(source), destination); break;
            case StoredType.BF16: BFloat16.Widen(MemoryMarshal.Cast<byte, ushort>(source), destination); break;
            case StoredType.F64: F64(MemoryMarshal.Cast<byte, double>(source), destination); break;
            case StoredType.Q4_0: QuantizedBlocks.Widen(BlockType.Q4_0, source, destination); break;
            case StoredType.Q4_1: QuantizedBlocks.Widen(BlockType.Q4_1, source, destination); break;
            case StoredType.Q5_0: Q5_0(source, destination); break;
            case StoredType.Q5_1: Q5_1(source, destination); break;
            case StoredType.Q8_0: QuantizedBlocks.Widen(BlockType.Q8_0, source, destination); break;
            case StoredType.Q2_K: KQuants.Q2(source, destination); break;
            case StoredType.Q3_K: KQuants.Q3(source, destination); break;
            case StoredType.Q4_K: KQuants.Q4(source, destination); break;
            case StoredType.Q5_K: KQuants.Q5(source, destination); break;
            case StoredType.Q6_K: KQuants.Q6(source, destination); break;
            default: throw new ArgumentOutOfRangeException(nameof(type), type, null);
        }
    }

    private static void F64(ReadOnlySpan<double> source, Span<float> destination)
    {
        for (int i = 0; i < source.Length; i++) destination[i] = (float)source[i];
    }

    private static void Q5_0(ReadOnlySpan<byte> source, Span<float> destination)
    {
        for (; source.Length > 0; source = source[22..], destination = destination[32..])
        {
            float d = Scale(source);
            for (int i = 0; i < 32; i++) destination[i] = d * (FiveBits(source[2..], i) - 16);
        }
    }

    private static void Q5_1(ReadOnlySpan<byte> source, Span<float> destination)
    {
        for (; source.Length > 0; source = source[24..], destination = destination[32..])
        {
            float d = Scale(source), m = Scale(source[2..]);
            for (int i = 0; i < 32; i++) destination[i] = d * FiveBits(source[4..], i) + m;
        }
    }

    /// <param name="source">32 fifth bits, then 16 bytes of nibbles.</param>
    private static int FiveBits(ReadOnlySpan<byte> source, int i)
    {
        int nibble = (source[4 + i % 16] >> (i / 16 * 4)) & 15;
        return nibble | (int)((BinaryPrimitives.ReadUInt32LittleEndian(source) >> i & 1) << 4);
    }

    private static float Scale(ReadOnlySpan<byte> source) => (float)BinaryPrimitives.ReadHalfLittleEndian(source);
}
