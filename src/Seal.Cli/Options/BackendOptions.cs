using System.CommandLine;
using Seal.Kernels;
using Seal.Kernels.Ilgpu;
using Seal.Kernels.Native;

namespace Seal.Cli.Options;

/// <summary>What computes, and in which numbers.</summary>
internal sealed class BackendOptions
{
    public static readonly string[] Names = ["torch", "native", "ilgpu", SealNative.Cuda, SealNative.CudaEmulated];

    public Option<string?> Backend { get; } = new("--backend") { Description = "What computes: torch (libtorch, default), native (Seal's own kernels), cuda (those on an NVIDIA GPU) or ilgpu (kernels in C# on one, simulated where there is none)", HelpName = "NAME" };

    public Option<string?> Numbers { get; } = new("--dtype")
    {
        Description = "Numbers of weights and activations: f32 (default), bf16, or f64 (the reference)",
        HelpName = "TYPE",
    };

    private readonly Option<bool> _validate = new("--validate")
    {
        Description = "Run every operator in libtorch's f32 beside the backend, compare, and say where they part; slow",
    };

    /// <param name="validates">Whether the command computes enough to be validated.</param>
    /// <param name="defaults">What the command computes with when the line does not say, if not with libtorch in f32.</param>
    public BackendOptions(Command command, bool validates = true, string? defaults = null)
    {
        if (defaults is not null)
        {
            Backend.Description = $"What computes: torch (libtorch), native (Seal's own kernels), cuda (those on an NVIDIA GPU) or ilgpu (kernels in C# on one, simulated where there is none); default: {defaults}";
            Numbers.Description = $"Numbers of weights and activations: f32, bf16, or f64 (the reference); default: {defaults}";
        }
        Backend.AcceptOnlyFromAmong(Names);
        Numbers.AcceptOnlyFromAmong("f32", "bf16", "f64");
        command.Add(Backend);
        command.Add(Numbers);
        if (validates)
            command.Add(_validate);
    }

    /// <summary>The operators that the line asks for.</summary>
    public Operators Open(ParseResult line, Terminal terminal) => Open(line, line.GetValue(Backend) ?? "torch", ParseType(line) ?? DType.F32, terminal);

    /// <summary>Operators by the backend's name, validated if the line asks for it.</summary>
    public Operators Open(ParseResult line, string backend, DType type, Terminal terminal)
    {
        Operators operators = Open(backend, type, terminal);
        if (!line.GetValue(_validate))
            return operators;
        terminal.Validation = new ValidatingOperators(operators);
        return terminal.Validation;
    }

    public DType? ParseType(ParseResult line) => line.GetValue(Numbers) switch
    {
        null => null,
        "bf16" => DType.BF16,
        "f64" => DType.F64,
        _ => DType.F32,
    };

    /// <summary>Operators by the backend's name.</summary>
    /// <exception cref="SealException">There is no such backend, or it does not load.</exception>
    public static Operators Open(string backend, DType type, Terminal terminal)
    {
        if (!Names.Contains(backend))
            throw new SealException($"backend '{backend}' is not known; expected {string.Join(", ", Names)}");
        if (type == DType.I32)
            throw new SealException("dtype 'i32' holds token ids, not activations; expected f32, bf16 or f64");
        if (backend == SealNative.CudaEmulated)
            SealNative.UseCudaEmulation();
        if (backend == SealNative.Cuda)
            SealNative.UseCuda();
        if (backend is "native" or SealNative.Cuda or SealNative.CudaEmulated)
            return type == DType.F64
                ? throw new SealException($"the {backend} backend computes in f32 or bf16; f64 is the reference's, with --backend torch")
                : new NativeOperators(type, isa: backend == SealNative.CudaEmulated ? SealNative.Unwatched : null);
        if (backend == "ilgpu")
            return type == DType.F64
                ? throw new SealException("the ilgpu backend computes in f32 or bf16; f64 is the reference's, with --backend torch")
                : IlgpuBackend.Open(type);
        if (type == DType.BF16 && !Processor.ComputesBFloat16)
            terminal.Note("this processor has no AVX512-BF16: libtorch emulates bf16, which is far slower than f32");
        return new TorchOperators(Device.Host, type);
    }
}
