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
    private const int Hidden = 576, Intermediate = 1536;

    private static readonly AttentionShape Attention = new(9, 3, 64);

    private Operators _operators = null!;
    private Trial _trial = null!;
    private BatchPlan _plan = null!;
    private LinearGroup _gateUp = null!;
    private DeviceBuffer _q, _k, _v, _attended, _logSumExp, _x, _gain, _normed, _inverseRms, _gate, _up, _gated;

    [Params("native", "torch")]
    public string Backend { get; set; } = "";

    /// <summary>Packed rows of a step.</summary>
    [Params(32, 128)]
    public int Tokens { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _operators = Backend == "native" ? new NativeOperators(DType.F32) : new TorchOperators(Device.Host, DType.F32);
        _trial = new Trial(_operators, DType.F32);
        _plan = new BatchPlan();
        _plan.Add(new int[Tokens]);
        _x = _trial.Input("x", Tokens, Hidden);
        _gain = _trial.WideInput("gain", 1, Hidden, centre: 1);
        _normed = _trial.Output(Tokens, Hidden);
        _inverseRms = _trial.WideOutput(1, Tokens);
        _gate = _trial.Input("gate", Tokens, Intermediate);
        _up = _trial.Input("up", Tokens, Intermediate);
        _gated = _trial.Output(Tokens, Intermediate);
        _q = _trial.Input("q", Tokens, Attention.QueryWidth);
        _k = _trial.Input("k", Tokens, Attention.KvWidth);
        _v = _trial.Input("v", Tokens, Attention.KvWidth);
        _attended = _trial.Output(Tokens, Attention.QueryWidth);
        _logSumExp = _trial.WideOutput(Tokens, Attention.Heads);
        _gateUp = new LinearGroup(0, [
            new LinearMember(_trial.Weight("gate_proj", Intermediate, Hidden), DeviceBuffer.None, 0),
            new LinearMember(_trial.Weight("up_proj", Intermediate, Hidden), DeviceBuffer.None, 1)]);
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
    public void CausalAttention() => _operators.CausalAttention(_q, _k, _v, Attention, _plan, _attended, _logSumExp);

    [Benchmark]
    public void SwiGlu() => _operators.SwiGlu(_gate, _up, _gated);

    // In this process: libtorch is half a gigabyte that a generated child project would have to find again.
    private sealed class InProcess : ManualConfig
    {
        public InProcess() => AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance));
    }
}
