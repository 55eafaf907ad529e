using System.Runtime.InteropServices;
using Seal.Kernels.Native;

namespace Seal.Kernels;

public sealed partial class NativeOperators
{
    public override unsafe PackedWeight Prepare(ReadOnlySpan<float> weight, int rows, int columns)
    {
        if (weight.Length != (long)rows * columns)
            throw new ArgumentException($"{weight.Length} values for a matrix of {rows} x {columns}", nameof(weight));
        fixed (float* values = weight)
            return new NativeWeight(this, Pack(values, rows, columns), rows, columns);
    }

    public override unsafe PackedWeight Prepare(QuantizedMatrix matrix)
    {
        fixed (byte* blocks = matrix.Blocks)
        {
            LibSeal.seal_quantized_weight_create(
                matrix.Type, (nint)blocks, matrix.Blocks.Length, matrix.Rows, matrix.Columns, out SealQuantizedWeightHandle handle).ThrowOnFailure();
            return new NativeWeight(this, handle, matrix.Type, matrix.Rows, matrix.Columns);
        }
    }

    private unsafe SealWeightHandle Pack(float* values, int rows, int columns)
    {
        LibSeal.seal_weight_create(_engine, Activation.Native(), values, rows, columns, out SealWeightHandle handle).ThrowOnFailure();
        return handle;
    }

    private static NativeWeight Own(PackedWeight weight) => weight as NativeWeight
        ?? throw new ArgumentException($"a weight prepared by the native backend was expected, not a {weight.GetType().Name}", nameof(weight));

    /// <summary>
    /// Panels of the register tile, once for products with W and once for those with Wᵀ; of a matrix that came in blocks, the blocks as
    /// well, and the panels only when the first product asks for them: a model that only generates never has them.
    /// </summary>
    private sealed class NativeWeight : PackedWeight
    {
        private readonly NativeOperators _operators;
        private readonly BlockType? _blocksType;
        private SealWeightHandle? _panels;

        public NativeWeight(NativeOperators operators, SealWeightHandle panels, int rows, int columns) : base(rows, columns)
        {
            _operators = operators;
            _panels = panels;
        }

        public NativeWeight(NativeOperators operators, SealQuantizedWeightHandle blocks, BlockType type, int rows, int columns) : base(rows, columns)
        {
            _operators = operators;
            _blocksType = type;
            Blocks = blocks;
        }

        public SealWeightHandle Handle => _panels ??= FromBlocks();

        /// <summary>What generation reads, or null where the file had no such blocks.</summary>
        public SealQuantizedWeightHandle? Blocks { get; }

        public override long BytesPerStep =>
            _blocksType is { } type ? (long)Rows * Columns / QuantizedBlocks.Length * type.Bytes() : (long)Rows * Columns * _operators.Activation.Size();

        public override void Dispose()
        {
            _panels?.Dispose();
            Blocks?.Dispose();
        }

        private unsafe SealWeightHandle FromBlocks()
        {
            float* values = (float*)NativeMemory.AlignedAlloc(checked((nuint)Rows * (nuint)Columns * sizeof(float)), 64);
            try
            {
                LibSeal.seal_quantized_weight_unpack(Blocks!, (nint)values).ThrowOnFailure();
                return _operators.Pack(values, Rows, Columns);
            }
            finally
            {
                NativeMemory.AlignedFree(values);
            }
        }
    }
}
