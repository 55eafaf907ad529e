using Tensor = TorchSharp.torch.Tensor;

namespace Seal.Kernels;

public sealed partial class TorchOperators
{
    public override PackedWeight Prepare(ReadOnlySpan<float> weight, int rows, int columns)
    {
        if (weight.Length != (long)rows * columns)
            throw new ArgumentException($"{weight.Length} values for a matrix of {rows} x {columns}", nameof(weight));
        DeviceMemory memory = Allocate(weight.Length * (long)Activation.Size());
        DeviceBuffer buffer = new(memory.Pointer, Activation, rows, columns, Device);
        Store(weight, buffer);
        if (_weights != Activation)
            using (Begin())
                View(buffer).copy_(View(buffer).to(LibTorch.TypeOf(_weights)));
        return new TorchWeight(memory, buffer);
    }

    public override PackedWeight Prepare(QuantizedMatrix matrix)
    {
        float[] values = new float[(long)matrix.Rows * matrix.Columns];
        QuantizedBlocks.Widen(matrix.Type, matrix.Blocks, values);
        return Prepare(values, matrix.Rows, matrix.Columns);
    }

    private static TorchWeight Own(PackedWeight weight) => weight as TorchWeight
        ?? throw new ArgumentException($"a weight prepared by the torch backend was expected, not a {weight.GetType().Name}", nameof(weight));

    /// <summary>Row-major in the activation type: libtorch packs for itself in every product.</summary>
    private sealed class TorchWeight : PackedWeight
    {
        private readonly DeviceMemory _memory;

        public TorchWeight(DeviceMemory memory, DeviceBuffer buffer) : base(buffer.Rows, buffer.Columns)
        {
            _memory = memory;
            Matrix = View(buffer).DetachFromDisposeScope();
            Transposed = Matrix.t().DetachFromDisposeScope();
        }

        public Tensor Matrix { get; }

        public Tensor Transposed { get; }

        public override long BytesPerStep => _memory.Bytes;

        public override void Dispose()
        {
            Transposed.Dispose();
            Matrix.Dispose();
            _memory.Dispose();
        }
    }
}
