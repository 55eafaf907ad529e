using System.Runtime.InteropServices;

namespace Seal.Kernels.Native;

/// <summary>The struct of the same name in <c>seal.h</c>, field by field.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct SealQuantizedLinear
{
    internal SealDType Type, YType;
    internal int Rows, Inputs, MemberCount, SegmentCount, ZWidth;
    internal nint X, Z;
    internal SealLinearMember* Members;
    internal SealRowSegment* Segments;
    internal SealLoraFactors* Factors;
    internal nint Adapters, Gated;
}
