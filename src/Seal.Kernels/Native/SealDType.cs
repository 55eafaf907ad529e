namespace Seal.Kernels.Native;

/// <summary>The element types of <c>seal.h</c>.</summary>
internal enum SealDType
{
    F32 = 0,
    Bf16 = 1,
}

internal static class SealDTypeExtensions
{
    /// <summary>The native side's name for a buffer's element type.</summary>
    internal static SealDType NativeType(this DeviceBuffer buffer) => buffer.Type.Native();

    internal static SealDType Native(this DType type) => type switch
    {
        DType.F32 => SealDType.F32,
        DType.BF16 => SealDType.Bf16,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "native kernels compute in F32 and BF16"),
    };
}
