using Seal.Kernels;

namespace Seal.Models.Formats;

/// <summary>How a tensor's numbers lie in its file. The Q types are ggml's blocks of 32 weights, the K types its blocks of 256.</summary>
public enum StoredType { F32, F16, BF16, F64, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K }

/// <summary>Sizes of the stored types.</summary>
internal static class StoredTypes
{
    /// <summary>Weights that share one block; rows are whole blocks.</summary>
    public static int BlockLength(this StoredType type) => type switch
    {
        <= StoredType.F64 => 1,
        <= StoredType.Q8_0 => 32,
        _ => KQuants.BlockLength,
    };

    public static int BlockBytes(this StoredType type) => type switch
    {
        StoredType.F64 => 8,
        StoredType.F32 => 4,
        StoredType.F16 or StoredType.BF16 => 2,
        StoredType.Q4_0 => 2 + 16,      // scale, nibbles
        StoredType.Q4_1 => 2 + 2 + 16,  // scale, minimum, nibbles
        StoredType.Q5_0 => 2 + 4 + 16,  // scale, fifth bits, nibbles
        StoredType.Q5_1 => 2 + 2 + 4 + 16,
        StoredType.Q8_0 => 2 + 32,      // scale, bytes
        StoredType.Q2_K => 84,
        StoredType.Q3_K => 110,
        StoredType.Q4_K => 144,
        StoredType.Q5_K => 176,
        StoredType.Q6_K => 210,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };

    /// <summary>The blocks that generation can read as they are; null for other types.</summary>
    public static BlockType? Blocks(this StoredType type) => type switch
    {
        StoredType.Q4_0 => BlockType.Q4_0,
        StoredType.Q4_1 => BlockType.Q4_1,
        StoredType.Q8_0 => BlockType.Q8_0,
        _ => null,
    };

    /// <summary>Bytes of that many elements, which are whole blocks.</summary>
    /// <exception cref="OverflowException">More than 2^63.</exception>
    public static long ByteCount(this StoredType type, long elements) => checked(elements / type.BlockLength() * type.BlockBytes());
}
