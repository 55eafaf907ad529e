using System.Runtime.InteropServices;
using Seal.Kernels;
using Seal.Kernels.Cuda;
using Seal.Kernels.Native;

namespace Seal.Models.Benchmarks;

/// <summary>So many adapters, one sequence of so many tokens each.</summary>
public readonly record struct StepShape(int Adapters, int Length)
{
    public int Tokens => Adapters * Length;
}

/// <param name="Repeats">Pairs a case.</param>
/// <param name="Shapes">The cases.</param>
/// <param name="Types">Element types of the native lanes; libtorch runs in those that it does not emulate.</param>
/// <param name="Libtorch">Whether to run libtorch beside: without it nothing of libtorch is loaded.</param>
/// <param name="Backend">native, or on a GPU cuda, ilgpu, or torch-cuda: libtorch alone.</param>
/// <param name="Graphs">Whether cuda runs a step as graphs, not kernel by kernel.</param>
public sealed record InnerStepSettings(
    int Repeats, IReadOnlyList<StepShape> Shapes, IReadOnlyList<DType> Types, bool Libtorch = true, string Backend = "native", bool Graphs = true)
{
    /// <summary>One adapter on 32 to 512 tokens, and 4 to 16 adapters on 40 tokens each.</summary>
    public static IReadOnlyList<StepShape> AllShapes { get; } = [new(1, 32), new(1, 64), new(1, 128), new(1, 512), new(4, 40), new(8, 40), new(16, 40)];
}

/// <summary>
/// <c>inner-step</c>: what SEAL spends its time on, one optimizer step of LoRA adapters of rank 32 on short sequences, against the best step
/// that we can write for libtorch. Every round runs each case once on each lane in turn, so a machine that slows down or speeds up
/// meets all of them, and a ratio is one of neighbours.
/// </summary>
public static class InnerStep
{
    private const int WarmUps = 2, Rank = 32;

    /// <param name="config">The model's shapes, llama's family; its weights are random.</param>
    /// <param name="memory">Peak MB of a process of its own that runs this native case alone; null where it cannot be measured. Not asked where libtorch does not run.</param>
    /// <param name="progress">Steps done and in all.</param>
    /// <exception cref="SealException">The backend cannot be had on this machine.</exception>
    public static InnerStepReport Run(
        ModelConfig config, InnerStepSettings settings, Func<DType, StepShape, double?>? memory = null, Action<int, int>? progress = null, CancellationToken cancel = default)
    {
        if (GpuSteps.Are(settings.Backend))
            GpuSteps.Require(settings.Backend);
        InnerStepReport machine = GpuSteps.Are(settings.Backend) ? Gpu(settings) : Host(settings);
        // Before anything of ours takes memory: both together may be more than the machine has.
        Dictionary<(DType, StepShape), double?> measured = memory is null ? [] : settings.Types
            .SelectMany(type => settings.Shapes.Select(shape => (type, shape))).ToDictionary(of => of, of => memory(of.type, of.shape));
        // A process that runs our steps alone is its own measure.
        double? Resident(DType type, StepShape shape) => settings.Libtorch || GpuSteps.Are(settings.Backend) ? measured.GetValueOrDefault((type, shape)) : PeakMemory.Megabytes;
        var lanes = new List<StepLane>();
        try
        {
            foreach (DType type in settings.Types)
                if (GpuSteps.Are(settings.Backend))
                    lanes.AddRange(GpuSteps.Lanes(config, settings.Backend, type, libtorch: machine.Peaks is not null, settings.Graphs));
                else
                {
                    lanes.Add(new EngineLane(config, new NativeOperators(type)));
                    if (settings.Libtorch && (type == DType.F32 || Processor.ComputesBFloat16))
                        lanes.Add(new LibtorchLane(config, type));
                }
            var times = new List<InnerStepTime>();
            int done = 0, total = (WarmUps + settings.Repeats) * settings.Shapes.Count * lanes.Count;
            foreach (IGrouping<int, StepShape> group in settings.Shapes.GroupBy(shape => shape.Adapters))
            {
                lanes.ForEach(lane => lane.Prepare(group.Key));
                StepShape[] shapes = [.. group];
                var milliseconds = shapes.Select(_ => lanes.Select(_ => new List<double>()).ToArray()).ToArray();
                long[][] allocated = [.. shapes.Select(_ => Enumerable.Repeat(long.MaxValue, lanes.Count).ToArray())];
                for (int round = 0; round < WarmUps + settings.Repeats; round++)
                    for (int s = 0; s < shapes.Length; s++)
                        for (int lane = 0; lane < lanes.Count; lane++)
                        {
                            cancel.ThrowIfCancellationRequested();
                            (double time, long bytes) = lanes[lane].Timed(shapes[s].Length, (ulong)(100 * round));
                            progress?.Invoke(++done, total);
                            if (round < WarmUps)
                                continue;
                            milliseconds[s][lane].Add(time);
                            allocated[s][lane] = Math.Min(allocated[s][lane], bytes); // other threads of the process allocate now and then
                        }
                for (int s = 0; s < shapes.Length; s++)
                    times.AddRange(Rows(config, shapes[s], lanes, milliseconds[s], allocated[s], machine.Peaks, Resident));
            }
            return machine with { Steps = times, Notes = [.. machine.Notes, .. lanes.Select(lane => lane.Note).OfType<string>()] };
        }
        finally
        {
            lanes.ForEach(lane => lane.Dispose());
        }
    }

    /// <summary>The processor: what a report says beside its times.</summary>
    private static InnerStepReport Host(InnerStepSettings settings)
    {
        using SealEngineHandle native = SealEngineHandle.Create();
        string[] notes = settings.Libtorch && settings.Types.Contains(DType.BF16) && !Processor.ComputesBFloat16
            ? ["libtorch emulates bf16 here (no AVX512-BF16): not measured"]
            : [];
        return new InnerStepReport(SealNative.Cpu.Brand, native.InstructionSet.Name(), native.Threads, MachinePeaks.Measure(), [], notes);
    }

    /// <summary>The first device, measured by libtorch where it can be.</summary>
    private static InnerStepReport Gpu(InnerStepSettings settings)
    {
        CudaDevices.TryList(out IReadOnlyList<CudaDevice> devices, out string trace);
        string? absence = settings.Libtorch ? GpuSteps.TorchAbsence() : null;
        MachinePeaks? peaks = settings.Libtorch && absence is null ? GpuSteps.Peaks() : null;
        return new InnerStepReport(
            RuntimeInformation.ProcessArchitecture.ToString(), devices.Count > 0 ? devices[0].Architecture : "no device", Threads: 1, peaks, [],
            absence is null ? [] : [$"no share of a peak and no libtorch beside: {absence}"], devices.Count > 0 ? devices[0].Name : trace);
    }

    private static IEnumerable<InnerStepTime> Rows(
        ModelConfig config, StepShape shape, List<StepLane> lanes, List<double>[] milliseconds, long[] allocated, MachinePeaks? peaks, Func<DType, StepShape, double?> resident)
    {
        double flops = StepCost.Flops(config, Rank, shape.Adapters, shape.Length);
        int[] libtorch = [.. Enumerable.Range(0, lanes.Count).Where(lane => lanes[lane] is LibtorchLane).OrderBy(lane => PairedTimes.Median(milliseconds[lane]))];
        List<double>? best = libtorch.Length > 0 ? milliseconds[libtorch[0]] : null;
        for (int lane = 0; lane < lanes.Count; lane++)
        {
            double median = PairedTimes.Median(milliseconds[lane]);
            double[]? ratios = best is null ? null : PairedTimes.Ratios(milliseconds[lane], best);
            (double low, double high) = ratios is null ? default : PairedTimes.Interval(ratios);
            yield return new InnerStepTime(
                lanes[lane].Backend, lanes[lane].Type, shape.Tokens, shape.Adapters, median, 1000 * shape.Tokens / median,
                peaks is null ? null : flops / median / 1e6 / peaks.Gflops(lanes[lane].Type),
                best is null ? null : PairedTimes.Median(best), ratios is null ? null : PairedTimes.Median(ratios), ratios is null ? null : [low, high],
                lanes[lane] is EngineLane ? resident(lanes[lane].Type, shape) : null, allocated[lane]);
        }
    }
}
