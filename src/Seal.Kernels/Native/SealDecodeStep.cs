using System.Runtime.InteropServices;

namespace Seal.Kernels.Native;

/// <summary>The struct of the same name in <c>seal.h</c>, field by field.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SealDecodeStep
{
    internal SealDType Type;
    internal int Heads, KvHeads, HeadDim;
    internal long Sequences;
    internal nint Q, K, V, Positions, CosSin;
    internal long TableRows;
    internal nint Keys, Values;
    internal long PageSize, CachePages;
    internal nint Rows, CacheRows, Lengths, PageStarts, Pages, Y;
}
