using System.Runtime.Intrinsics.X86;

namespace Seal.Kernels;

/// <summary>What this processor can do, as far as the managed side must know it, with or without the native library.</summary>
public static class Processor
{
    /// <summary>The widest instruction set that this process can use, in the words of the native library.</summary>
    public static string InstructionSet =>
        ComputesBFloat16 ? "avx512_bf16" : HasAvx512 ? "avx512" : Avx2.IsSupported && Fma.IsSupported ? "avx2" : "portable";

    /// <summary>AVX512-BF16, without which libtorch emulates bf16 products.</summary>
    public static bool ComputesBFloat16 { get; } = HasAvx512 && HasBFloat16Products();

    private static bool HasAvx512 => Avx512F.VL.IsSupported && Avx512BW.IsSupported && Avx512DQ.IsSupported;

    /// <summary>CPUID leaf 7, subleaf 1, EAX bit 5. (Intel SDM, volume 2, CPUID)</summary>
    private static bool HasBFloat16Products() =>
        X86Base.CpuId(0, 0).Eax >= 7 && X86Base.CpuId(7, 0).Eax >= 1 && (X86Base.CpuId(7, 1).Eax & (1 << 5)) != 0;
}
