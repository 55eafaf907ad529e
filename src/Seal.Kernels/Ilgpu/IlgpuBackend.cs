namespace Seal.Kernels.Ilgpu;

/// <summary>Opens the backend <c>ilgpu</c>.</summary>
public static class IlgpuBackend
{
    /// <summary>Its kernels on ILGPU's CPU accelerator, on host memory: for tests of small models, thousands of times slower than the native backend.</summary>
    /// <param name="activation">F32 or BF16.</param>
    public static Operators Open(DType activation) => activation switch
    {
        DType.F32 => new IlgpuOperators<float, F32Element, SimulatedShape>(new SimulatedLauncher()),
        DType.BF16 => new IlgpuOperators<ushort, Bf16Element, SimulatedShape>(new SimulatedLauncher()),
        _ => throw new ArgumentOutOfRangeException(nameof(activation), activation, "ilgpu activations are F32 or BF16"),
    };
}
