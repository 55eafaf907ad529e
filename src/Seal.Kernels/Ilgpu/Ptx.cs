using System.Collections.Immutable;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace Seal.Kernels.Ilgpu;

/// <summary>A kernel for NVIDIA GPUs, as their driver loads it: text, the name of its entry, and the bytes of its one parameter.</summary>
public sealed record PtxKernel(string Name, string Entry, int ParameterBytes, string Assembly);

/// <summary>Makes PTX of the kernels, ahead of time and without a GPU or a CUDA installation.</summary>
public sealed class Ptx : IDisposable
{
    private readonly Context _context = SimulatedLauncher.NewContext();
    private readonly PTXBackend _backend;
    private readonly string _architecture;

    /// <param name="architecture">One of <see cref="Architectures"/>.</param>
    /// <exception cref="SealException">It is none of them.</exception>
    public Ptx(string architecture)
    {
        (CudaArchitecture target, CudaInstructionSet version) = architecture switch
        {
            // The PTX version that first knew the architecture: every driver for it reads that.
            "sm_80" => (CudaArchitecture.SM_80, CudaInstructionSet.ISA_70),
            "sm_86" => (CudaArchitecture.SM_86, CudaInstructionSet.ISA_71),
            "sm_89" => (CudaArchitecture.SM_89, CudaInstructionSet.ISA_78),
            "sm_90" => (CudaArchitecture.SM_90, CudaInstructionSet.ISA_78),
            _ => throw new SealException($"architecture '{architecture}' is not known; expected {string.Join(", ", Architectures)}"),
        };
        _architecture = architecture;
        _backend = new PTXBackend(_context, new CudaCapabilityContext(target), target, version, null);
    }

    public static ImmutableArray<string> Architectures { get; } = ["sm_80", "sm_86", "sm_89", "sm_90"];

    /// <summary>Every kernel of the backend.</summary>
    /// <param name="activation">F32 or BF16.</param>
    public IEnumerable<PtxKernel> CompileAll(DType activation) => KernelsOf(activation).Select(Compile);

    internal static IReadOnlyList<Kernel> KernelsOf(DType activation) => activation == DType.BF16
        ? IlgpuOperators<ushort, Bf16Element, GpuShape>.Kernels
        : IlgpuOperators<float, F32Element, GpuShape>.Kernels;

    internal PtxKernel Compile(Kernel kernel)
    {
        var compiled = (PTXCompiledKernel)_backend.Compile(
            EntryPointDescription.FromExplicitlyGroupedKernel(kernel.Body), new KernelSpecialization(default(GpuShape).GroupSize, null));
        // ILGPU 1.5.3 writes the oldest target that its instructions run on, sm_80 for all of these; the text is the same for the newer ones.
        string assembly = compiled.PTXAssembly.Replace(".target sm_80", $".target {_architecture}", StringComparison.Ordinal);
        return new PtxKernel(kernel.Name, compiled.Name, kernel.ParameterLength, assembly);
    }

    public void Dispose()
    {
        _backend.Dispose();
        _context.Dispose();
    }
}
