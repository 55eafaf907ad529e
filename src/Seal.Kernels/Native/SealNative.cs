using Seal.Kernels.Cuda;

namespace Seal.Kernels.Native;

/// <summary>The native library: whether it is there, why not, and what it says of the processor.</summary>
public static class SealNative
{
    private static readonly Lazy<CpuFeatures> Features = new(() =>
    {
        Require();
        LibSeal.seal_cpu_features(out SealCpuFeatures features).ThrowOnFailure();
        return CpuFeatures.From(features);
    });

    /// <summary>The processor, asked once.</summary>
    /// <exception cref="SealException">libseal cannot be loaded.</exception>
    public static CpuFeatures Cpu => Features.Value;

    /// <summary>The widest instruction set that this machine has kernels for.</summary>
    /// <exception cref="SealException">libseal cannot be loaded.</exception>
    public static InstructionSet Best => (Cpu.Has("avx2") && Cpu.Has("fma") && Cpu.Has("f16c"),
        Cpu.Has("avx512f") && Cpu.Has("avx512bw") && Cpu.Has("avx512dq") && Cpu.Has("avx512vl"), Cpu.Has("avx512_bf16")) switch
    {
        (true, true, true) => InstructionSet.Avx512Bf16,
        (true, true, false) => InstructionSet.Avx512,
        (true, false, _) => InstructionSet.Avx2,
        _ => InstructionSet.Portable,
    };

    /// <summary>The library of CUDA kernels that run on the processor through an emulation that checks them: for tests alone.</summary>
    public const string CudaEmulated = "cuda-emulated";

    /// <summary>
    /// Instead of an instruction set: the emulation does not look for races and uninitialised reads. For whole models, whose kernels the
    /// operator cases have watched.
    /// </summary>
    public const string Unwatched = "unwatched";

    /// <summary>The library of CUDA kernels on an NVIDIA GPU.</summary>
    public const string Cuda = "cuda";

    internal const string CudaStem = "seal_cuda";

    private const string CudaEmulatedStem = "seal_cuda_emulated";

    /// <summary>Why the CUDA kernels cannot run on this machine, asked once; null where they can.</summary>
    public static CudaAbsence? CudaAbsence => Absence.Value;

    private static readonly Lazy<CudaAbsence?> Absence = new(() => Kernels.CudaAbsence.Of(
        CudaDevices.TryList(out IReadOnlyList<CudaDevice> devices, out string trace), devices, trace, LibSealLoad.FileNameOf(CudaStem), LibSealLoad.Exists(CudaStem)));

    /// <summary>From now on this process computes with the CUDA kernels on the first device where it would with the processor's.</summary>
    /// <exception cref="SealException">They cannot run here, or it has already computed with the processor's.</exception>
    public static void UseCuda()
    {
        if (CudaAbsence is { } absence)
            throw new SealException($"the cuda backend cannot be had: {absence.Reason}");
        LibSealLoad.Use(CudaStem);
    }

    /// <summary>From now on this process computes with the emulated CUDA kernels where it would with the processor's.</summary>
    /// <exception cref="SealException">It has already computed with the processor's.</exception>
    public static void UseCudaEmulation() => LibSealLoad.Use(CudaEmulatedStem);

    /// <summary>The backend that the library in use is: <c>native</c>, <c>cuda</c> or <c>cuda-emulated</c>.</summary>
    internal static string Backend => LibSealLoad.Stem switch { CudaStem => Cuda, CudaEmulatedStem => CudaEmulated, _ => "native" };

    /// <summary>Where the buffers of the library in use lie. The emulated device's memory is as little the host's as a GPU's.</summary>
    internal static Device Device => LibSealLoad.Stem == LibSealLoad.Name ? Device.Host : Device.Cuda(0);

    /// <summary>What the library in use computes on, as far as results depend on it.</summary>
    internal static string Processor(InstructionSet set) => Backend switch
    {
        Cuda => CudaDevices.Architecture(0),
        CudaEmulated => "emulated",
        _ => set.Name(),
    };

    /// <summary>Loads the library, once for the life of the process.</summary>
    /// <param name="trace">Each file that was tried with what became of it; on failure also what to install.</param>
    public static bool TryLoad(out string trace)
    {
        trace = LibSealLoad.Result.Trace;
        return LibSealLoad.Result.Handle != 0;
    }

    /// <exception cref="SealException">libseal cannot be loaded; the message is the trace of <see cref="TryLoad"/>.</exception>
    internal static void Require()
    {
        if (!TryLoad(out string trace))
            throw new SealException(trace);
    }
}
