using System.Diagnostics;
using System.Globalization;
using System.Text;
using Seal.Kernels;
using Seal.Kernels.Native;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Seal.Models.Benchmarks;

/// <summary>All calls of one operator in a step.</summary>
/// <param name="ShareOfPeak">Of the measured arithmetic where it has FLOPs, else of the measured memory; more than 1: from a cache.</param>
public sealed record OperatorTime(string Operator, int Calls, double Ms, double Gflops, double Gbps, double ShareOfPeak);

/// <summary>One operator beside libtorch's.</summary>
/// <param name="ScratchBytes">What the native one needs beside operands and results.</param>
public sealed record OperatorPair(string What, double Ms, double Gflops, double ShareOfPeak, double LibtorchMs, double Ratio, IReadOnlyList<double> RatioInterval, long? ScratchBytes);

/// <param name="Peaks">Null where nothing measures them; shares are 0 then.</param>
public sealed record OperatorReport(string Backend, int Tokens, int Adapters, string DType, MachinePeaks? Peaks, IReadOnlyList<OperatorTime> Operators, IReadOnlyList<OperatorPair> Pairs)
{
    public string Text()
    {
        CultureInfo invariant = CultureInfo.InvariantCulture;
        var text = new StringBuilder();
        text.Append(invariant, $"{Backend} {DType}, {Tokens} tokens, {Adapters} adapters");
        text.Append(invariant, $"{(Peaks is null ? "" : string.Create(invariant, $"; measured peaks: f32 {Peaks.FmaF32Gflops:F0} GFLOP/s, bf16 {Peaks.DotBf16Gflops:F0} GFLOP/s, memory {Peaks.DramGbps:F1} GB/s"))}\n");
        text.Append("| operator | calls | ms | GFLOP/s | GB/s | % of peak |\n|---|---|---|---|---|---|\n");
        foreach (OperatorTime o in Operators)
            text.Append(invariant, $"| {o.Operator,-34} | {o.Calls,3} | {o.Ms,8:F3} | {o.Gflops,5:F0} | {o.Gbps,6:F1} | {100 * o.ShareOfPeak,4:F0} |\n");
        if (Pairs.Count == 0)
            return text.ToString();
        text.Append("| beside libtorch | ms | GFLOP/s | % of peak | libtorch ms | x libtorch | 95 % | scratch |\n|---|---|---|---|---|---|---|---|\n");
        foreach (OperatorPair p in Pairs)
            text.Append(invariant, $"| {p.What,-34} | {p.Ms,8:F3} | {p.Gflops,5:F0} | {100 * p.ShareOfPeak,3:F0} | {p.LibtorchMs,8:F3} | {p.Ratio,5:F2} | {p.RatioInterval[0]:F2}–{p.RatioInterval[1]:F2} | {(p.ScratchBytes is { } bytes ? string.Create(invariant, $"{bytes / 1048576.0:F1} MiB") : "")} |\n");
        return text.ToString();
    }
}

/// <summary>
/// Where a step's time goes, and single operators against libtorch's, in pairs. On a GPU every call is waited for, so that its time holds a launch
/// and a wait too, of which a step that is not looked at has none.
/// </summary>
public static class OperatorTimes
{
    private const int WarmUps = 2;

    /// <param name="beside">Whether to run libtorch's operators too.</param>
    /// <exception cref="SealException">The backend cannot be had here.</exception>
    public static OperatorReport Run(ModelConfig config, StepShape shape, DType type, int repeats, bool beside)
    {
        MachinePeaks peaks = MachinePeaks.Measure();
        IReadOnlyList<OperatorTime> step = Step(config, shape, type, repeats, peaks, new NativeOperators(type));
        IReadOnlyList<OperatorPair> pairs = beside ? Pairs(config, type, repeats, peaks) : [];
        return Report("native", shape, type, peaks, step, pairs);
    }

    /// <summary>The CUDA kernels', without libtorch's beside.</summary>
    /// <param name="backend">cuda, or its emulation.</param>
    /// <exception cref="SealException">The backend cannot be had here.</exception>
    public static OperatorReport OnGpu(ModelConfig config, StepShape shape, DType type, int repeats, string backend)
    {
        if (backend is not (SealNative.Cuda or SealNative.CudaEmulated))
            throw new SealException($"operators are timed one by one on native and on cuda, not on {backend}");
        GpuSteps.Require(backend);
        MachinePeaks? peaks = GpuSteps.TorchAbsence() is null ? GpuSteps.Peaks() : null;
        return Report(backend, shape, type, peaks, Step(config, shape, type, repeats, peaks, GpuSteps.Kernels(backend, type, graphs: false)), []);
    }

    private static OperatorReport Report(
        string backend, StepShape shape, DType type, MachinePeaks? peaks, IReadOnlyList<OperatorTime> step, IReadOnlyList<OperatorPair> pairs) =>
        new(backend, shape.Tokens, shape.Adapters, type.ToString().ToLowerInvariant(), peaks, step, pairs);

    private static OperatorTime[] Step(ModelConfig config, StepShape shape, DType type, int repeats, MachinePeaks? peaks, NativeOperators kernels)
    {
        var timed = new TimedOperators(kernels, kernels.Synchronize);
        using EngineLane lane = new(config, timed);
        lane.Prepare(shape.Adapters);
        var rounds = new List<OperatorSpan[]>();
        for (int i = 0; i < WarmUps + repeats; i++)
        {
            timed.Spans.Clear();
            lane.Step(shape.Length, (ulong)i);
            if (i >= WarmUps)
                rounds.Add([.. timed.Spans]);
        }
        return
        [
            .. rounds[0].Select(span => span.Name).Distinct().Select(name =>
            {
                OperatorSpan[] calls = [.. rounds[0].Where(span => span.Name == name)];
                double ms = PairedTimes.Median([.. rounds.Select(round => round.Where(span => span.Name == name).Sum(span => 1e3 * (span.End - span.Start) / Stopwatch.Frequency))]);
                double flops = calls.Sum(call => call.Flops), bytes = calls.Sum(call => call.Bytes);
                double share = peaks is null ? 0 : flops > 0 ? flops / ms / 1e6 / peaks.Gflops(type) : bytes / ms / 1e6 / peaks.DramGbps;
                return new OperatorTime(name, calls.Length, ms, flops / ms / 1e6, bytes / ms / 1e6, share);
            }).OrderByDescending(time => time.Ms),
        ];
    }

    private static List<OperatorPair> Pairs(ModelConfig config, DType type, int repeats, MachinePeaks peaks)
    {
        if (type == DType.BF16 && !Processor.ComputesBFloat16)
            type = DType.F32;
        using var native = new NativeOperators(type);
        using var loaded = new TorchOperators(Kernels.Device.Host, type); // loads libtorch, with SEAL_THREADS
        using IDisposable inference = inference_mode();
        ScalarType scalar = type == DType.BF16 ? ScalarType.BFloat16 : ScalarType.Float32;
        var pairs = new List<OperatorPair>();
        foreach (int rows in (int[])[16, 64, 256, 512])
            pairs.Add(Products(config, native, scalar, rows, repeats, peaks));
        pairs.Add(Head(config, type, scalar, 512, repeats, peaks));
        pairs.Add(Optimizer(config, native, repeats));
        return pairs;
    }

    /// <summary>Every frozen matrix of eight layers in turn, so that none is in a cache: FLOP-weighted over the body's shapes.</summary>
    private static OperatorPair Products(ModelConfig config, NativeOperators native, ScalarType scalar, int rows, int repeats, MachinePeaks peaks)
    {
        const int layers = 8;
        using DisposeScope scope = NewDisposeScope();
        using var memory = new Owned();
        IReadOnlyList<LinearShape> shapes = LoraTargets.Shapes(config);
        var mine = new List<(LinearGroup Group, DeviceBuffer X, DeviceBuffer Y)>();
        var theirs = new List<(Tensor X, Tensor W)>();
        double flops = 0;
        for (int layer = 0; layer < layers; layer++)
            for (int target = 0; target < shapes.Count; target++)
            {
                (int inputs, int outputs) = (shapes[target].Inputs, shapes[target].Outputs);
                float[] values = new float[inputs * outputs];
                TransformerWeights.RandomValues($"bench {layer}", outputs, inputs, (ulong)target, values);
                mine.Add((new LinearGroup(layer, [new LinearMember(memory.Keep(native.Prepare(values, outputs, inputs)), DeviceBuffer.None, target)]),
                    memory.Buffer(native, native.Activation, rows, inputs), memory.Buffer(native, native.Activation, rows, outputs)));
                theirs.Add((rand(rows, inputs).to(scalar), tensor(values, [outputs, inputs]).to(scalar)));
                flops += 2.0 * rows * inputs * outputs;
            }
        var plan = new BatchPlan();
        plan.Add(new int[rows]);
        return Pair($"frozen linears, {rows} rows", flops, native.Activation, repeats, peaks, null,
            () =>
            {
                foreach ((LinearGroup group, DeviceBuffer x, DeviceBuffer y) in mine)
                    native.LoraLinear(x, group, null, plan, DeviceBuffer.None, [y]);
            },
            () =>
            {
                foreach ((Tensor x, Tensor w) in theirs)
                    nn.functional.linear(x, w).Dispose();
            });
    }

    /// <summary>Loss and gradient of the hidden rows; libtorch's as <see cref="LibtorchStep"/> has it: logits kept, and turned into their gradient in place.</summary>
    private static OperatorPair Head(ModelConfig config, DType type, ScalarType scalar, int rows, int repeats, MachinePeaks peaks)
    {
        using var native = new NativeOperators(type);
        using DisposeScope scope = NewDisposeScope();
        using var memory = new Owned();
        float[] values = new float[config.Vocabulary * config.Hidden];
        TransformerWeights.RandomValues("head", config.Vocabulary, config.Hidden, 1, values);
        PackedWeight head = memory.Keep(native.Prepare(values, config.Vocabulary, config.Hidden));
        DeviceBuffer h = memory.Buffer(native, type, rows, config.Hidden), dh = memory.Buffer(native, type, rows, config.Hidden);
        DeviceBuffer losses = memory.Buffer(native, DType.F32, 1, rows);
        var plan = new BatchPlan();
        plan.Add(new int[rows]);
        for (int i = 0; i < rows; i++)
            plan.AddTarget(i, i, 1f / rows);
        Tensor theirs = rand(rows, config.Hidden).to(scalar), w = tensor(values, [config.Vocabulary, config.Hidden]).to(scalar);
        Tensor gain = ones(config.Hidden, dtype: scalar), targets = arange(rows, dtype: ScalarType.Int64), logits = empty(rows, config.Vocabulary, dtype: scalar);
        using jit.CompilationUnit script = jit.compile(LibtorchScript.Text);
        double flops = 4.0 * rows * config.Hidden * config.Vocabulary;
        native.LinearCrossEntropy(h, head, plan.Targets, plan.Weights, losses, dh);
        return Pair($"head and cross entropy, {rows} rows", flops, type, repeats, peaks, native.ScratchBytes,
            () => native.LinearCrossEntropy(h, head, plan.Targets, plan.Weights, losses, dh),
            () =>
            {
                foreach (Tensor result in (Tensor[])script.invoke("head", theirs, gain, w, targets, logits, config.RmsNormEps))
                    result.Dispose();
            });
    }

    /// <summary>AdamW with the clip, on every parameter of a rank-32 adapter; libtorch's optimizer and clip_grad_norm on the factors as tensors.</summary>
    private static OperatorPair Optimizer(ModelConfig config, NativeOperators native, int repeats)
    {
        using DisposeScope scope = NewDisposeScope();
        using var set = new AdapterSet(native, config.Layers, LoraTargets.Shapes(config), [new LoraSettings(32, 64, LoraTargets.All).Shape]);
        set.PrepareTraining();
        using var memory = new Owned();
        DeviceBuffer norms = memory.Buffer(native, DType.F32, 1, 1);
        var parameters = new List<Parameter>();
        foreach (LinearShape shape in Enumerable.Range(0, config.Layers).SelectMany(_ => LoraTargets.Shapes(config)))
        {
            parameters.Add(new Parameter(rand(32, shape.Inputs)));
            parameters.Add(new Parameter(rand(shape.Outputs, 32)));
        }
        foreach (Parameter parameter in parameters)
            parameter.grad = rand_like(parameter);
        using optim.Optimizer optimizer = optim.AdamW(parameters, 1e-4);
        int step = 0;
        AdamWRow[] table = new AdamWRow[1];
        return Pair($"AdamW and clip, {set.Elements / 1e6:F2} M parameters", 0, DType.F32, repeats, null, null,
            () =>
            {
                table[0] = new AdamWRow(0, 1e-4, ++step, 1, 0.01, 0.9, 0.999, 1e-8);
                native.AdamW(set, table, norms);
            },
            () =>
            {
                nn.utils.clip_grad_norm_(parameters, 1);
                optimizer.step();
            });
    }

    private static OperatorPair Pair(string what, double flops, DType type, int repeats, MachinePeaks? peaks, long? scratch, Action mine, Action theirs)
    {
        var own = new List<double>();
        var other = new List<double>();
        for (int i = 0; i < WarmUps + repeats; i++)
        {
            double first = Milliseconds(mine), second = Milliseconds(theirs);
            if (i < WarmUps)
                continue;
            own.Add(first);
            other.Add(second);
        }
        double ms = PairedTimes.Median(own);
        double[] ratios = PairedTimes.Ratios(own, other);
        (double low, double high) = PairedTimes.Interval(ratios);
        double gflops = flops / ms / 1e6;
        return new OperatorPair(what, ms, gflops, peaks is null ? 0 : gflops / peaks.Gflops(type), PairedTimes.Median(other), PairedTimes.Median(ratios), [low, high], scratch);
    }

    private static double Milliseconds(Action action)
    {
        Quiet.Await();
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    /// <summary>What lives as long as one comparison.</summary>
    private sealed class Owned : IDisposable
    {
        private readonly List<IDisposable> _items = [];

        public T Keep<T>(T item) where T : IDisposable
        {
            _items.Add(item);
            return item;
        }

        public DeviceBuffer Buffer(Operators operators, DType type, int rows, int columns)
        {
            DeviceMemory memory = Keep(operators.Allocate((long)rows * columns * type.Size()));
            var buffer = new DeviceBuffer(memory.Pointer, type, rows, columns, operators.Device);
            operators.Zero(buffer);
            return buffer;
        }

        public void Dispose() => _items.ForEach(item => item.Dispose());
    }
}
