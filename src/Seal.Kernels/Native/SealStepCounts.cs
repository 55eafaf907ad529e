using System.Runtime.InteropServices;

namespace Seal.Kernels.Native;

/// <summary>The struct of the same name in <c>seal.h</c>, field by field.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SealStepCounts
{
    internal long Graphs, Updates, Replays, Copies;
}
