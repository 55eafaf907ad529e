using Seal.Kernels.Native;

namespace Seal.Kernels;

public sealed partial class NativeOperators
{
    public override unsafe PackedWeight Prepare(ReadOnlySpan<float> weight, int rows, int columns)
    {
        if (weight.Length != (long)rows * columns)
            throw new ArgumentException($"{weight.Length} values for a matrix of {rows} x {columns}", nameof(weight));
        fixed (float* values = weight)
        {
            LibSeal.seal_weight_create(_engine, Activation.Native(), values, rows, columns, out SealWeightHandle handle).ThrowOnFailure();
            return new NativeWeight(handle, rows, columns);
        }
    }

    private static NativeWeight Own(PackedWeight weight) => weight as NativeWeight
        ?? throw new ArgumentException($"a weight prepared by the native backend was expected, not a {weight.GetType().Name}", nameof(weight));

    /// <summary>Panels of the register tile, once for products with W and once for those with Wᵀ.</summary>
    private sealed class NativeWeight(SealWeightHandle handle, int rows, int columns) : PackedWeight(rows, columns)
    {
        public SealWeightHandle Handle { get; } = handle;

        public override void Dispose() => Handle.Dispose();
    }
}
