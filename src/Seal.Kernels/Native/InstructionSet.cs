namespace Seal.Kernels.Native;

/// <summary>Instruction sets that kernels are compiled for (<c>SealIsa</c> in <c>seal.h</c>); a later one contains the earlier ones.</summary>
public enum InstructionSet
{
    Portable = 0,

    /// <summary>AVX2, FMA, F16C.</summary>
    Avx2 = 1,

    /// <summary>The above and AVX-512 F, BW, DQ, VL.</summary>
    Avx512 = 2,

    /// <summary>The above and AVX-512 BF16.</summary>
    Avx512Bf16 = 3,
}

public static class InstructionSets
{
    /// <summary>The name that <c>SEAL_ISA</c> takes.</summary>
    public static string Name(this InstructionSet isa) => isa switch
    {
        InstructionSet.Avx512Bf16 => "avx512_bf16",
        InstructionSet.Avx512 => "avx512",
        InstructionSet.Avx2 => "avx2",
        _ => "portable",
    };
}
