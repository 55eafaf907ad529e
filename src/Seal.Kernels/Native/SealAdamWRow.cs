using System.Runtime.InteropServices;

namespace Seal.Kernels.Native;

/// <summary>The struct of the same name in <c>seal.h</c>, field by field.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SealAdamWRow
{
    internal long Offset, Count;
    internal double LearningRate, ClipNorm, WeightDecay, Beta1, Beta2, Epsilon;
    internal int Slot, Step, NormNoted;

    /// <param name="row">The optimizer's step for one adapter.</param>
    /// <param name="offset">The adapter's first element.</param>
    /// <param name="count">Its number of elements.</param>
    internal static SealAdamWRow From(in AdamWRow row, long offset, long count) => new()
    {
        Offset = offset,
        Count = count,
        LearningRate = row.LearningRate,
        ClipNorm = row.ClipNorm,
        WeightDecay = row.WeightDecay,
        Beta1 = row.Beta1,
        Beta2 = row.Beta2,
        Epsilon = row.Epsilon,
        Slot = row.Slot,
        Step = row.Step,
        NormNoted = row.NormNoted ? 1 : 0,
    };
}
