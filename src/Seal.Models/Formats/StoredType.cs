namespace Seal.Models.Formats;

/// <summary>How a tensor's numbers lie in its file. The Q types are ggml's blocks of 32 weights.</summary>
public enum StoredType { F32, F16, BF16, F64, Q4_0, Q4_1, Q8_0 }

/// <summary>Sizes of the stored types.</summary>
internal static class StoredTypes
{
    /// <summary>Weights that share one block; rows are whole blocks.</summary>
    public static int BlockLength(this StoredType type) => type is StoredType.Q4_0 or StoredType.Q4_1 or StoredType.Q8_0 ? 32 : 1;

    public static int BlockBytes(this StoredType type) => type switch
    {
        StoredType.F64 => 8,
        StoredType.F32 => 4,
        StoredType.F16 or StoredType.BF16 => 2,
        StoredType.Q4_0 => 2 + 16,      // scale, nibbles
        StoredType.Q4_1 => 2 + 2 + 16,  // scale, minimum, nibbles
        StoredType.Q8_0 => 2 + 32,      // scale, bytes
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };

    /// <summary>Bytes of that many elements, which are whole blocks.</summary>
    /// <exception cref="OverflowException">More than 2^63.</exception>
    public static long ByteCount(this StoredType type, long elements) => checked(elements / type.BlockLength() * type.BlockBytes());
}
