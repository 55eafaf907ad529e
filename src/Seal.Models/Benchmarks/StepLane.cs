using System.Diagnostics;
using Seal.Kernels;
using TorchSharp;

namespace Seal.Models.Benchmarks;

/// <summary>One side of a comparison: something that makes training steps of given shapes on SmolLM2's kind of model.</summary>
internal abstract class StepLane(string backend, DType type) : IDisposable
{
    protected const int Rank = 32;

    public string Backend { get; } = backend;

    public DType Type { get; } = type;

    /// <summary>Makes ready for steps of so many adapters, one sequence each.</summary>
    public abstract void Prepare(int adapters);

    /// <summary>One step; the sequences have length + 1 tokens, so that each has as many rows as it says.</summary>
    public abstract void Step(int length, ulong seed);

    /// <summary>What is to be said of the steps so far beside their times; null: nothing.</summary>
    public virtual string? Note => null;

    public (double Milliseconds, long Allocated) Timed(int length, ulong seed)
    {
        Quiet.Await();
        long allocated = GC.GetTotalAllocatedBytes(precise: true), start = Stopwatch.GetTimestamp();
        Step(length, seed);
        double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        return (milliseconds, GC.GetTotalAllocatedBytes(precise: true) - allocated);
    }

    public abstract void Dispose();

    protected static LoraAdapter[] Adapters(ModelConfig config, int count) =>
        [.. Enumerable.Range(0, count).Select(i => LoraAdapter.Create(config, new LoraSettings(Rank, 2 * Rank, LoraTargets.All), seed: 2 + (ulong)i))];

    protected static int[] Tokens(ModelConfig config, int length, ulong seed) =>
        [.. Enumerable.Range(0, length + 1).Select(i => (int)(CounterRandom.Uniform(seed, (ulong)i) * config.Vocabulary))];
}

/// <summary>The engine, all adapters of a step in one pass.</summary>
internal sealed class EngineLane : StepLane
{
    private readonly ModelConfig _config;
    private readonly Operators _operators;
    private readonly TransformerWeights _weights;
    private readonly Transformer _transformer;
    private readonly OptimizerSettings _optimizer = new();
    private readonly BatchPlan _plan = new();
    private AdapterSet? _set;
    private DeviceMemory? _norms;
    private AdamWRow[] _table = [];
    private float[] _logProbabilities = [], _normValues = [];
    private int _step;
    private long _launches; // of the last step

    public EngineLane(ModelConfig config, Operators operators) : base(operators.Name, operators.Activation)
    {
        _config = config;
        _operators = operators;
        _weights = TransformerWeights.Random(operators, config, seed: 1);
        _transformer = new Transformer(operators, _weights);
    }

    /// <summary>Of a GPU's kernels: how they were sent.</summary>
    public override string? Note => _operators is not NativeOperators { Launches: > 0 } native ? null
        : $"{Backend} {Type}: {_launches} launches a step of {_config.Layers} layers, " + native.Steps switch
        {
            { Copies: 0 } => "one by one",
            var steps => $"as graphs: {steps.Graphs} made, {steps.Updates} times given larger grids, {steps.Replays} times used again, " +
                $"{steps.Copies} copies of plans and arguments",
        };

    public override void Prepare(int adapters)
    {
        _set?.Dispose();
        _norms?.Dispose();
        LoraAdapter[] fresh = Adapters(_config, adapters);
        _set = _transformer.CreateAdapters(fresh.Select(adapter => adapter.Settings));
        _set.PrepareTraining();
        for (int i = 0; i < adapters; i++)
            fresh[i].CopyTo(_operators, _set, i);
        _norms = _operators.Allocate(adapters * sizeof(float));
        (_table, _normValues) = (new AdamWRow[adapters], new float[adapters]);
        _step = 0;
    }

    public override void Step(int length, ulong seed)
    {
        _step++;
        Plan(length, seed);
        if (_logProbabilities.Length < _plan.HeadCount)
            _logProbabilities = new float[_plan.HeadCount];
        for (int i = 0; i < _table.Length; i++)
            _table[i] = new AdamWRow(
                i, _optimizer.LearningRate, _step, _optimizer.ClipNorm, _optimizer.WeightDecay, _optimizer.Beta1, _optimizer.Beta2, _optimizer.Epsilon, NormNoted: true);
        DeviceBuffer norms = new(_norms!.Pointer, DType.F32, 1, _table.Length, _operators.Device);
        long launches = Launches;
        using OperatorStep step = _transformer.Step(_plan, _set!);
        DeviceBuffer logProbabilities = _transformer.ForwardBackward(_plan, _set!);
        _operators.AdamW(_set!, _table, norms);
        step.End();
        _launches = Launches - launches;
        _operators.Read(logProbabilities, _logProbabilities.AsSpan(0, _plan.HeadCount));
        _operators.Read(norms, _normValues); // as a trainer does; on a GPU it waits for the step
    }

    public override void Dispose()
    {
        _set?.Dispose();
        _norms?.Dispose();
        _transformer.Dispose();
        _weights.Dispose();
        _operators.Dispose();
    }

    private long Launches => (_operators as NativeOperators)?.Launches ?? 0;

    private void Plan(int length, ulong seed)
    {
        _plan.Clear();
        Span<int> tokens = stackalloc int[length + 1];
        for (int i = 0; i < _table.Length; i++)
        {
            for (int t = 0; t <= length; t++)
                tokens[t] = (int)(CounterRandom.Uniform(seed + (ulong)i, (ulong)t) * _config.Vocabulary);
            int start = _plan.Add(tokens[..length], adapter: i);
            for (int t = 1; t <= length; t++)
                _plan.AddTarget(start + t - 1, tokens[t], 1f / length);
        }
    }
}

/// <summary>libtorch at its best, one adapter after the other.</summary>
internal sealed class LibtorchLane : StepLane
{
    private readonly TorchOperators _operators; // loads libtorch, with SEAL_THREADS
    private readonly LibtorchWeights _weights;
    private LibtorchStep? _step;

    /// <param name="cuda">On libtorch's first CUDA device instead of the host.</param>
    public LibtorchLane(ModelConfig config, DType type, bool cuda = false) : base(cuda ? GpuSteps.TorchCuda : "libtorch", type)
    {
        _operators = new TorchOperators(Device.Host, type);
        _weights = new LibtorchWeights(
            config, type == DType.BF16 ? torch.ScalarType.BFloat16 : torch.ScalarType.Float32, Rank, seed: 1, cuda ? torch.CUDA : null);
    }

    public override void Prepare(int adapters)
    {
        _step?.Dispose();
        _step = new LibtorchStep(_weights, Adapters(_weights.Config, adapters), new OptimizerSettings());
    }

    public override void Step(int length, ulong seed)
    {
        for (int i = 0; i < _step!.Adapters.Count; i++)
            _step.Run(i, Tokens(_weights.Config, length, seed + (ulong)i), new OptimizerSettings().LearningRate); // waits for the loss and the norm
        if (_weights.On.type == DeviceType.CUDA)
            torch.cuda.synchronize();
    }

    public override void Dispose()
    {
        _step?.Dispose();
        _weights.Dispose();
        _operators.Dispose();
    }
}
