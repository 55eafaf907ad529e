using Seal.Kernels.Ilgpu;
using Seal.Kernels.Native;

namespace Seal.Kernels.Cases;

/// <summary>One way to compute the cases here: a backend, of the native one an instruction set, with one element type.</summary>
/// <param name="Backend">As the command line spells it.</param>
/// <param name="Isa">The native backend's instruction set; null elsewhere.</param>
/// <param name="Absent">Why it cannot be run on this machine; null where it can.</param>
public sealed record CaseLane(string Backend, string? Isa, DType Type, string? Absent)
{
    /// <summary>The backends there are. A new one joins here and in <see cref="Of"/>.</summary>
    public static IReadOnlyList<string> Backends { get; } = ["torch", "native", "ilgpu"];

    /// <summary>Those and the CUDA kernels, which take a process of their own: what a table of support shows.</summary>
    public static IReadOnlyList<string> Known { get; } = [.. Backends, SealNative.Cuda];

    public string Name => $"{Backend}{(Isa is null ? "" : $" {Isa}")} {Type.ToString().ToLowerInvariant()}";

    /// <summary>The lanes of a backend with one type; of the native one every instruction set that there is, or the one that is named.</summary>
    /// <exception cref="SealException">There is no such instruction set.</exception>
    public static IReadOnlyList<CaseLane> Of(string backend, DType type, string? isa = null)
    {
        if (backend != "native")
            return [new CaseLane(backend, null, type, backend == SealNative.Cuda ? SealNative.CudaAbsence?.Reason : null)];
        InstructionSet[] sets = [.. Enum.GetValues<InstructionSet>().Where(set => isa is null || set.Name() == isa).OrderDescending()];
        if (sets.Length == 0)
            throw new SealException($"instruction set '{isa}' is not known; expected {string.Join(", ", Enum.GetValues<InstructionSet>().Select(set => set.Name()))}");
        string? missing = SealNative.TryLoad(out string trace) ? null : trace;
        return [.. sets.Select(set => new CaseLane(
            backend, set.Name(), type, missing ?? (set > SealNative.Best ? $"this machine does not have {set.Name()}" : null)))];
    }

    /// <exception cref="SealException">It does not load.</exception>
    public Operators Open()
    {
        if (Backend == SealNative.CudaEmulated)
            SealNative.UseCudaEmulation();
        if (Backend == SealNative.Cuda)
            SealNative.UseCuda();
        return Backend switch
        {
            "native" or SealNative.Cuda or SealNative.CudaEmulated => new NativeOperators(Type, isa: Isa),
            "ilgpu" => IlgpuBackend.Open(Type),
            _ => new TorchOperators(Device.Host, Type),
        };
    }

    /// <summary>How a backend computes an operator on this machine.</summary>
    public static OperatorSupport Support(string backend, string operatorName)
    {
        // Opening it would take the process from the processor's library. It has every operator.
        if (backend == SealNative.Cuda)
            return SealNative.CudaAbsence is null ? OperatorSupport.Native : OperatorSupport.Absent;
        CaseLane? lane = Of(backend, DType.F32).FirstOrDefault(lane => lane.Absent is null);
        if (lane is null)
            return OperatorSupport.Absent;
        using Operators operators = lane.Open();
        return operators.Support(operatorName);
    }
}
