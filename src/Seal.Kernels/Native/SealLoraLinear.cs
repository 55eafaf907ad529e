using System.Runtime.InteropServices;

namespace Seal.Kernels.Native;

/// <summary>The struct of the same name in <c>seal.h</c>, field by field, as the three below.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct SealLoraLinear
{
    internal SealDType Type;
    internal int Rows, Inputs, MemberCount, SegmentCount, ZWidth;
    internal nint X, Z;
    internal SealLinearMember* Members;
    internal SealRowSegment* Segments;
    internal SealLoraFactors* Factors;
    internal nint Adapters, Gradients, Dx;
}

internal readonly record struct SealLinearMember(nint Weight, nint Bias, nint Y);

internal readonly record struct SealRowSegment(int Start, int Count);

internal readonly record struct SealLoraFactors(int Factors, float Scale);

/// <summary>Where one linear's adapter lies among the parameters.</summary>
internal readonly record struct SealFactorShape(int Rank, int Inputs, int Outputs, long A, long B);
