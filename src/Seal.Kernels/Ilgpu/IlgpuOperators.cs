using System.Reflection;
using ILGPU;

namespace Seal.Kernels.Ilgpu;

/// <summary>
/// Every operator as kernels written in C# for ILGPU, f32 arithmetic between two stored values, rounded once. On a GPU they are launched as
/// PTX made ahead of time (<see cref="Ptx"/>); on the host, for tests, on ILGPU's CPU accelerator. Nothing but the launch differs.
/// </summary>
/// <remarks>
/// The order of every sum depends on the model and on the position within a sequence or segment alone, as in the native backend; there are
/// no atomics.
/// </remarks>
internal sealed partial class IlgpuOperators<TStored, TElement, TShape> : Operators
    where TStored : unmanaged
    where TElement : struct, IElement<TStored>
    where TShape : struct, IShape
{
    /// <summary>Raised when a kernel's arithmetic changes: results of another version are not the same bits.</summary>
    private const int Version = 1;

    private readonly Launcher _launcher;
    private readonly Arena _scratch;

    public IlgpuOperators(Launcher launcher) : base(launcher.Device, typeof(TStored) == typeof(float) ? DType.F32 : DType.BF16)
    {
        _launcher = launcher;
        _scratch = new Arena(this);
    }

    public override string Name => "ilgpu";

    public override string Numerics => $"ilgpu {SimulatedLauncher.Version}, kernels {Version}, {_launcher.Numerics}";

    /// <summary>All kernels: the static fields of this class.</summary>
    public static IReadOnlyList<Kernel> Kernels =>
    [
        .. typeof(IlgpuOperators<TStored, TElement, TShape>).GetFields(BindingFlags.Static | BindingFlags.NonPublic)
            .Select(kernel => kernel.GetValue(null)).OfType<Kernel>(),
    ];

    public override DeviceMemory Allocate(long bytes) => _launcher.Allocate(bytes);

    public override WorkingAdapters CreateWorking(AdapterSet adapters) => new FlatAdapters(this, adapters);

    public override void Dispose()
    {
        _scratch.Dispose();
        _launcher.Dispose();
    }

    /// <summary>A buffer as kernels see it; none is a view without elements. A batch plan's lists are in host memory.</summary>
    private ArrayView<T> View<T>(DeviceBuffer buffer) where T : unmanaged
    {
        if (buffer.IsNone)
            return default;
        return buffer.Device == Device ? _launcher.View<T>(buffer.Pointer, buffer.Elements) : _launcher.HostView<T>(buffer.Pointer, buffer.Elements);
    }

    private ArrayView<T> View<T>(Table<T> table) where T : unmanaged => _launcher.HostView<T>(table.Pointer, table.Count);

    /// <summary>Groups that take one element a thread.</summary>
    private static int GroupsOf(long elements) => checked((int)((elements + default(TShape).GroupSize - 1) / default(TShape).GroupSize));

    /// <summary>Whether packs can be read from its first element on.</summary>
    private static unsafe int AlignedForPacks(DeviceBuffer buffer) => buffer.Pointer % (4 * buffer.Type.Size()) == 0 ? 1 : 0;
}
