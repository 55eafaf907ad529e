using System.Runtime.Intrinsics.X86;
using TorchSharp;
using Tensor = TorchSharp.torch.Tensor;

namespace Seal.Kernels;

/// <summary>
/// Every operator from libtorch operations: the fallback of the other backends, and, in f64, the reference they are held against.
/// With bf16 activations, statistics, softmax, attention and cross entropy are computed in f32 and rounded once; products with
/// frozen weights are libtorch's bf16 GEMMs (f32 inside); gradients of adapters are computed and summed in f32.
/// </summary>
public sealed partial class TorchOperators : Operators
{
    private readonly torch.ScalarType _wide;
    private readonly DType _weights;

    /// <param name="device">The host.</param>
    /// <param name="activation">F32, BF16, or F64 for the reference.</param>
    /// <param name="weights">Type that frozen matrices are rounded to; null: that of the activations.</param>
    /// <exception cref="SealException">The device cannot be had, or libtorch does not load.</exception>
    public TorchOperators(Device device, DType activation, DType? weights = null) : base(device, activation)
    {
        if (device.Kind == DeviceKind.Cuda)
            throw new SealException($"the torch backend on {device} needs TorchSharp's CUDA build, which this program does not contain; use the host");
        if (activation == DType.I32)
            throw new ArgumentOutOfRangeException(nameof(activation), activation, "activations are F32, BF16 or F64");
        LibTorch.Initialise();
        _wide = LibTorch.TypeOf(Wide);
        _weights = weights ?? activation;
    }

    public override string Name => "torch";

    /// <summary>libtorch picks kernels by instruction set and splits sums by threads.</summary>
    public override string Numerics =>
        $"torch {torch.__version__}, {(Avx512F.IsSupported ? "avx512" : Avx2.IsSupported ? "avx2" : "portable")}, {torch.get_num_threads()} threads";

    public override DeviceMemory Allocate(long bytes) => new HostMemory(bytes);

    public override WorkingAdapters CreateWorking(AdapterSet adapters) => new FlatAdapters(this, adapters);

    public override void Dispose() => _scratch.Dispose();

    /// <summary>Everything an operator makes dies with its scope; nothing records gradients.</summary>
    private static Scope Begin() => new(torch.NewDisposeScope(), torch.inference_mode());

    private static Tensor View(DeviceBuffer buffer) => LibTorch.Wrap(buffer);

    private static Scalar Number(double value) => HeldScalar.Of(value);

    /// <summary>A buffer in the wide type: itself where it already is, else a converted copy.</summary>
    private Tensor Widen(DeviceBuffer buffer) => View(buffer).to(_wide);

    /// <summary>y = scale·a·b, or y += scale·a·b. Without accumulation y may hold anything, NaN too.</summary>
    private static void Multiply(Tensor y, Tensor a, Tensor b, bool accumulate, double scale = 1)
    {
        if (y.numel() == 0)
            return;
        // TorchSharp's alpha is a float: in f64 a scale that is none goes into an operand instead.
        bool exact = (float)scale == scale || y.dtype != torch.ScalarType.Float64;
        y.addmm_(exact ? a : a.mul(Number(scale)), b, beta: accumulate ? 1 : 0, alpha: exact ? (float)scale : 1);
    }

    private readonly struct Scope(DisposeScope tensors, IDisposable inference) : IDisposable
    {
        public void Dispose()
        {
            tensors.Dispose();
            inference.Dispose();
        }
    }
}
