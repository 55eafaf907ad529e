using Seal.Kernels.Cuda;

namespace Seal.Kernels;

/// <summary>What the backend <c>cuda</c> lacks on a machine.</summary>
/// <param name="Brief">For a table's cell.</param>
/// <param name="Reason">One line: what was looked for, what was found, what to do.</param>
public sealed record CudaAbsence(string Brief, string Reason)
{
    /// <summary>The kernels are made for this architecture and later ones.</summary>
    private const int Oldest = 80;

    /// <summary>Null where nothing is missing.</summary>
    internal static CudaAbsence? Of(bool driver, IReadOnlyList<CudaDevice> devices, string trace, string library, bool found)
    {
        if (!driver)
            return new CudaAbsence("no driver", trace);
        if (devices.Count == 0)
            return new CudaAbsence("no device", $"{trace} shows no device");
        if (devices[0].Capability < Oldest)
            return new CudaAbsence("old device", $"its kernels need a device of sm_{Oldest} or newer; device 0 is {devices[0].Name}, {devices[0].Architecture}");
        return found ? null : new CudaAbsence($"no {library}", $"{library} is not beside the program: it is built where nvcc is; native/cuda/README.md says how");
    }
}
