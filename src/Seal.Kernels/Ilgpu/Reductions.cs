using ILGPU;
using ILGPU.Algorithms;
using ILGPU.Algorithms.ScanReduceOperations;

namespace Seal.Kernels.Ilgpu;

/// <summary>
/// One number of a whole group, given to every thread: shuffles within a warp, then the warps' numbers in order. ILGPU.Algorithms'
/// own group reduction adds through atomics, in whatever order threads arrive; here the same inputs give the same bits.
/// </summary>
internal static class Reductions
{
    /// <summary>Warps of the largest group.</summary>
    public const int Warps = 32;

    /// <param name="value">This thread's share.</param>
    /// <param name="scratch">Shared memory, <see cref="Warps"/> numbers, free again when this returns.</param>
    public static float Sum(float value, ArrayView<float> scratch)
    {
        Publish(WarpExtensions.AllReduce<float, AddFloat>(value), scratch);
        float sum = scratch[0];
        for (int warp = 1; warp < Group.DimX / Warp.WarpSize; warp++)
            sum += scratch[warp];
        Group.Barrier();
        return sum;
    }

    /// <inheritdoc cref="Sum"/>
    public static float Max(float value, ArrayView<float> scratch)
    {
        Publish(WarpExtensions.AllReduce<float, MaxFloat>(value), scratch);
        float max = scratch[0];
        for (int warp = 1; warp < Group.DimX / Warp.WarpSize; warp++)
            max = XMath.Max(max, scratch[warp]);
        Group.Barrier();
        return max;
    }

    private static void Publish(float ofWarp, ArrayView<float> scratch)
    {
        if (Warp.IsFirstLane)
            scratch[Warp.WarpIdx] = ofWarp;
        Group.Barrier();
    }
}
