using System.Reflection;
using ILGPU;
using ILGPU.Algorithms;
using ILGPU.IR;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;

namespace Seal.Kernels.Ilgpu;

/// <summary>
/// ILGPU's CPU accelerator on host memory: the kernels that a GPU would run, thread by thread, with every access checked against its view.
/// For tests: a group's barrier takes longer than an operator of the native backend.
/// </summary>
internal sealed unsafe class SimulatedLauncher : Launcher
{
    /// <summary>Groups of a launch: enough that the grid's strides are used, few because they run one after another.</summary>
    private const int Groups = 3;

    // Compiled kernels belong to their accelerator, so the process has one; its threads are background threads.
    private static readonly Lazy<(Accelerator Accelerator, MemoryBuffer Host)> Shared = new(() =>
    {
        SimulatedShape shape = default;
        CPUDevice device = new(numThreadsPerWarp: 2, numWarpsPerMultiprocessor: shape.GroupSize / 2, numMultiprocessors: 1);
        Accelerator accelerator = device.CreateCPUAccelerator(NewContext(builder => builder.CPU(device)), CPUAcceleratorMode.Parallel);
        return (accelerator, CPUMemoryBuffer.Create(accelerator, 0, long.MaxValue, 1));
    });

    public override Device Device => Device.Host;

    public override string Numerics => "CPU accelerator";

    /// <summary>ILGPU's version, as it names itself.</summary>
    public static string Version => typeof(Context).Assembly.GetName().Version!.ToString(3);

    /// <summary>A context whose kernels know <see cref="Fused"/> and XMath.</summary>
    public static Context NewContext(Action<Context.Builder>? more = null) => Context.Create(builder =>
    {
        more?.Invoke(builder);
        builder.Optimize(OptimizationLevel.O2).EnableAlgorithms();
        Fused.Register(builder.GetIntrinsicManager());
    });

    public override DeviceMemory Allocate(long bytes) => new HostMemory(bytes);

    public override ArrayView<T> View<T>(nint pointer, long elements)
    {
        if (pointer % sizeof(T) != 0)
            throw new ArgumentException($"address {pointer:x} is no multiple of the {sizeof(T)} bytes of {typeof(T).Name}", nameof(pointer));
        return new ArrayView<T>(Shared.Value.Host, pointer / sizeof(T), elements);
    }

    public override ArrayView<T> HostView<T>(nint pointer, long elements) => View<T>(pointer, elements);

    public override void Launch<TArguments>(Kernel<TArguments> kernel, int items, in TArguments arguments)
    {
        if (items > 0)
            kernel.Simulated(Shared.Value.Accelerator)(new KernelConfig(Math.Min(items, Groups), default(SimulatedShape).GroupSize), arguments);
    }

    public override void CopyIn(ReadOnlySpan<byte> from, nint to) => from.CopyTo(new Span<byte>((void*)to, from.Length));

    public override void CopyOut(nint from, Span<byte> to) => new ReadOnlySpan<byte>((void*)from, to.Length).CopyTo(to);

    public override void Dispose() { }
}
