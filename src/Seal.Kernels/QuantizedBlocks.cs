using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Seal.Kernels;

/// <summary>
/// Blocks of 32 weights as ggml lays them out (ggml-common.h), d and m in float16, q a nibble or a byte: Q4_0: x = d (q - 8);
/// Q4_1: x = d q + m; Q8_0: x = d q. Nibbles: the 16 low ones are weights 0-15, the high ones 16-31. Product and sum round separately,
/// as in the reference.
/// </summary>
public static class QuantizedBlocks
{
    /// <summary>Weights of one block.</summary>
    public const int Length = 32;

    /// <summary>Bytes of one block.</summary>
    public static int Bytes(this BlockType type) => type switch
    {
        BlockType.Q4_0 => 2 + 16,
        BlockType.Q4_1 => 2 + 2 + 16,
        BlockType.Q8_0 => 2 + 32,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };

    /// <param name="source">Whole blocks.</param>
    /// <param name="destination">As many numbers as the blocks hold.</param>
    public static void Widen(BlockType type, ReadOnlySpan<byte> source, Span<float> destination)
    {
        int bytes = type.Bytes();
        for (; source.Length > 0; source = source[bytes..], destination = destination[Length..])
        {
            float d = Half(source);
            switch (type)
            {
                case BlockType.Q4_0:
                    Q4_0(d, source.Slice(2, 16), destination);
                    break;
                case BlockType.Q4_1:
                    Q4_1(d, Half(source[2..]), source.Slice(4, 16), destination);
                    break;
                default:
                    Q8_0(d, MemoryMarshal.Cast<byte, sbyte>(source.Slice(2, 32)), destination);
                    break;
            }
        }
    }

    private static void Q4_0(float d, ReadOnlySpan<byte> nibbles, Span<float> destination)
    {
        Span<float> low = destination[..16], high = destination.Slice(16, 16);
        for (int i = 0; i < 16; i++)
        {
            low[i] = d * ((nibbles[i] & 15) - 8);
            high[i] = d * ((nibbles[i] >> 4) - 8);
        }
    }

    private static void Q4_1(float d, float m, ReadOnlySpan<byte> nibbles, Span<float> destination)
    {
        Span<float> low = destination[..16], high = destination.Slice(16, 16);
        for (int i = 0; i < 16; i++)
        {
            low[i] = d * (nibbles[i] & 15) + m;
            high[i] = d * (nibbles[i] >> 4) + m;
        }
    }

    private static void Q8_0(float d, ReadOnlySpan<sbyte> quants, Span<float> destination)
    {
        for (int i = 0; i < Length; i++)
            destination[i] = d * quants[i];
    }

    private static float Half(ReadOnlySpan<byte> source) => (float)BinaryPrimitives.ReadHalfLittleEndian(source);
}
