using Seal.Kernels.Cuda;

namespace Seal.Kernels.Ilgpu;

/// <summary>Opens the backend <c>ilgpu</c>.</summary>
public static class IlgpuBackend
{
    /// <summary>On the first GPU that its kernels are made for, if the driver shows one, else simulated; <see cref="Operators.Numerics"/> says which.</summary>
    /// <param name="activation">F32 or BF16.</param>
    public static Operators Open(DType activation) => Chosen is { } device ? OpenCuda(activation, device.Index) : OpenSimulated(activation);

    /// <summary>Whether <see cref="Open"/> takes a GPU.</summary>
    public static bool HasDevice => Chosen is not null;

    private static CudaDevice? Chosen => CudaDevices.TryList(out IReadOnlyList<CudaDevice> devices, out _) ? Choose(devices) : null;

    /// <summary>The device to compute on; null where there is none: an older one is as good as none.</summary>
    internal static CudaDevice? Choose(IReadOnlyList<CudaDevice> devices) => devices.FirstOrDefault(device => device.Capability >= 80);

    /// <summary>Its kernels on ILGPU's CPU accelerator, on host memory: for tests of small models, thousands of times slower than the native backend.</summary>
    /// <param name="activation">F32 or BF16.</param>
    public static Operators OpenSimulated(DType activation) => activation switch
    {
        DType.F32 => new IlgpuOperators<float, F32Element, SimulatedShape>(new SimulatedLauncher()),
        DType.BF16 => new IlgpuOperators<ushort, Bf16Element, SimulatedShape>(new SimulatedLauncher()),
        _ => throw new ArgumentOutOfRangeException(nameof(activation), activation, "ilgpu activations are F32 or BF16"),
    };

    /// <summary>
    /// Its kernels as PTX on an NVIDIA GPU, in the device's primary context. Its parameters and text are tested without one; on an H100 the cases
    /// of every operator have run.
    /// </summary>
    /// <param name="activation">F32 or BF16.</param>
    /// <param name="device">Number of the device, as the driver counts.</param>
    /// <exception cref="SealException">No CUDA driver, no such device, or one older than sm_80.</exception>
    public static Operators OpenCuda(DType activation, int device = 0) => activation switch
    {
        DType.F32 => new IlgpuOperators<float, F32Element, GpuShape>(new CudaLauncher(device)),
        DType.BF16 => new IlgpuOperators<ushort, Bf16Element, GpuShape>(new CudaLauncher(device)),
        _ => throw new ArgumentOutOfRangeException(nameof(activation), activation, "ilgpu activations are F32 or BF16"),
    };
}
