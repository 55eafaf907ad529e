using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Seal.Kernels;
using Seal.Kernels.Cases;

namespace Seal.Bench;

/// <summary>Single operators on SmolLM2-135M's shapes: what one call costs, and what it allocates.</summary>
[Config(typeof(InProcess))]
[MemoryDiagnoser]
public class OperatorBenchmarks
{
    private const int Hidden = 576, Intermediate = 1536, Vocabulary = 49152;

    private static readonly AttentionShape Shape = new(9, 3, 64);

    private Operators _operators = null!;
    private Trial _trial = null!;
    private BatchPlan _plan = null!;
    private LinearGroup _gateUp = null!;
    private PackedWeight _head = null!;
    private DeviceBuffer _x, _gain, _normed, _inverseRms, _gate, _up, _gated, _q, _kv, _attended, _logSumExp, _losses, _dx;

    [Params("native", "torch")]
    public string Backend { get; set; } = "native";

    /// <summary>bf16 means little where the processor lacks AVX512-BF16: libtorch emulates it.</summary>
    [Params(DType.F32, DType.BF16)]
    public DType Type { get; set; }

    /// <summary>Packed rows of a step.</summary>
    [Params(32, 128)]
    public int Tokens { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _operators = Backend == "native" ? new NativeOperators(Type) : new TorchOperators(Device.Host, Type);
        _trial = new Trial(_operators, Type);
        _plan = new BatchPlan();
        _plan.Add(new int[Tokens]);
        for (int row = 0; row < Tokens; row++)
            _plan.AddTarget(row, row, 1f / Tokens);
        _x = _trial.Input("x", Tokens, Hidden);
        _gain = _trial.WideInput("gain", 1, Hidden, centre: 1);
        _normed = _trial.Output(Tokens, Hidden);
        _inverseRms = _trial.WideOutput(1, Tokens);
        _gate = _trial.Input("gate", Tokens, Intermediate);
        _up = _trial.Input("up", Tokens, Intermediate);
        _gated = _trial.Output(Tokens, Intermediate);
        _gateUp = new LinearGroup(0, [
            new LinearMember(_trial.Weight("gate_proj", Intermediate, Hidden), DeviceBuffer.None, 0),
            new LinearMember(_trial.Weight("up_proj", Intermediate, Hidden), DeviceBuffer.None, 1)]);
        _head = _trial.Weight("embed_tokens", Vocabulary, Hidden);
        _q = _trial.Input("q", Tokens, Shape.QueryWidth);
        _kv = _trial.Input("kv", Tokens, Shape.KvWidth);
        _attended = _trial.Output(Tokens, Shape.QueryWidth);
        _logSumExp = _trial.WideOutput(Tokens, Shape.Heads);
        _losses = _trial.WideOutput(1, Tokens);
        _dx = _trial.Output(Tokens, Hidden);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _trial.Dispose();
        _operators.Dispose();
    }

    [Benchmark]
    public void RmsNorm() => _operators.RmsNorm(_x, DeviceBuffer.None, DeviceBuffer.None, _gain, 1e-5, _normed, _inverseRms);

    [Benchmark]
    public void GateUpLinear() => _operators.LoraLinear(_x, _gateUp, null, _plan, DeviceBuffer.None, [_gate, _up]);

    [Benchmark]
    public void SwiGlu() => _operators.SwiGlu(_gate, _up, _gated);

    [Benchmark]
    public void CausalAttention() => _operators.CausalAttention(_q, _kv, _kv, Shape, _plan, _attended, _logSumExp);

    [Benchmark]
    public void HeadAndCrossEntropy() => _operators.LinearCrossEntropy(_x, _head, _plan.Targets, _plan.Weights, _losses, _dx);

    // In this process: libtorch is half a gigabyte that a generated child project would have to find again.
    private sealed class InProcess : ManualConfig
    {
        public InProcess() => AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance));
    }
}
