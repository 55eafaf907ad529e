namespace Seal.Kernels;

/// <summary>Element types that live in device memory.</summary>
public enum DType
{
    F32,
    BF16,

    /// <summary>Only the reference computes in it: the truth that every other implementation is held against.</summary>
    F64,
    I32,
}

public static class DTypes
{
    /// <summary>Bytes of one element.</summary>
    public static int Size(this DType type) => type switch
    {
        DType.F64 => 8,
        DType.F32 or DType.I32 => 4,
        DType.BF16 => 2,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "unknown element type"),
    };
}
