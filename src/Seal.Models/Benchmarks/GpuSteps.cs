using System.Diagnostics;
using Seal.Kernels;
using Seal.Kernels.Cuda;
using Seal.Kernels.Ilgpu;
using Seal.Kernels.Native;
using TorchSharp;

namespace Seal.Models.Benchmarks;

/// <summary>
/// <c>inner-step</c> on an NVIDIA GPU: whose kernels run, beside which libtorch, against which peaks. What is not there is said before anything is
/// measured.
/// </summary>
internal static class GpuSteps
{
    public const string Ilgpu = "ilgpu", TorchCuda = "torch-cuda";

    /// <summary>Whether the backend computes on a GPU, or stands for one in a test.</summary>
    public static bool Are(string backend) => backend != "native";

    /// <summary>Our lane, unless libtorch alone is asked for, and libtorch's where it can be had.</summary>
    /// <exception cref="SealException">The backend cannot be had here.</exception>
    public static IEnumerable<StepLane> Lanes(ModelConfig config, string backend, DType type, bool libtorch, bool graphs)
    {
        if (backend != TorchCuda)
            yield return new EngineLane(config, Operators(backend, type, graphs));
        if (libtorch)
            yield return new LibtorchLane(config, type, cuda: true);
    }

    /// <exception cref="SealException">The backend cannot be had here.</exception>
    public static void Require(string backend)
    {
        switch (backend)
        {
            case SealNative.Cuda:
                SealNative.UseCuda();
                break;
            case SealNative.CudaEmulated:
                SealNative.UseCudaEmulation();
                break;
            case Ilgpu when !IlgpuBackend.HasDevice:
                throw new SealException($"ilgpu would be simulated here, which is not worth measuring: CUDA driver {CudaDevices.Describe()}");
            case TorchCuda when TorchAbsence() is { } absence:
                throw new SealException(absence);
        }
    }

    /// <summary>Why libtorch computes on no GPU here; null where it does.</summary>
    public static string? TorchAbsence()
    {
        LibTorch.Initialise();
        try
        {
            if (torch.cuda.is_available())
                return null;
        }
        catch (Exception e) when (e is NotSupportedException or DllNotFoundException or TypeInitializationException or System.Runtime.InteropServices.ExternalException)
        {
            // A build without CUDA may refuse even to be asked.
        }
        return "libtorch computes on no GPU here: torch.cuda.is_available() is false, because TorchSharp's CUDA build is not restored (bench/README.md says how) " +
            $"or it finds no device; CUDA driver {CudaDevices.Describe()}";
    }

    /// <summary>Largest of a few rounds of libtorch's (cuBLAS's) square products, and of copies within the device's memory, read and written.</summary>
    public static MachinePeaks Peaks()
    {
        using IDisposable inference = torch.inference_mode();
        using DisposeScope scope = torch.NewDisposeScope();
        const long n = 8192;
        torch.Tensor from = torch.zeros(1L << 29, dtype: torch.ScalarType.Int8, device: torch.CUDA), to = torch.empty_like(from);
        return new MachinePeaks(Product(torch.ScalarType.Float32), Product(torch.ScalarType.BFloat16), Best(() => to.copy_(from), 2.0 * (1L << 29)));

        double Product(torch.ScalarType type)
        {
            torch.Tensor a = torch.randn(n, n, device: torch.CUDA).to(type), b = torch.randn(n, n, device: torch.CUDA).to(type), y = torch.mm(a, b);
            return Best(() => torch.mm(a, b).Dispose(), 2.0 * n * n * n);
        }

        // Work over time, in units of 10⁹ a second.
        static double Best(Action call, double work)
        {
            const int calls = 10;
            double best = 0;
            for (int round = 0; round < 6; round++)
            {
                torch.cuda.synchronize();
                long start = Stopwatch.GetTimestamp();
                for (int i = 0; i < calls; i++)
                    call();
                torch.cuda.synchronize();
                best = Math.Max(best, calls * work / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9);
            }
            return best;
        }
    }

    /// <summary>The CUDA kernels, once <see cref="Require"/> has chosen them or their emulation.</summary>
    /// <param name="graphs">Whether a step is recorded and runs as graphs.</param>
    public static NativeOperators Kernels(string backend, DType type, bool graphs) =>
        new(type, isa: backend == SealNative.CudaEmulated ? SealNative.Unwatched : null, graphs: graphs);

    private static Operators Operators(string backend, DType type, bool graphs) => backend == Ilgpu ? IlgpuBackend.Open(type) : Kernels(backend, type, graphs);
}
