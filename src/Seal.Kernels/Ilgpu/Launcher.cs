using ILGPU;

namespace Seal.Kernels.Ilgpu;

/// <summary>What the same kernels and the same operators differ in from device to device: memory, and the launch.</summary>
internal abstract class Launcher : IDisposable
{
    public abstract Device Device { get; }

    /// <summary>What results depend on beside the kernels: part of every job's id.</summary>
    public abstract string Numerics { get; }

    public abstract DeviceMemory Allocate(long bytes);

    /// <summary>
    /// Elements at an address, for a kernel. The view is over a buffer that begins at address 0, so it is a value and nothing is allocated;
    /// the length bounds every access on the CPU accelerator.
    /// </summary>
    public abstract ArrayView<T> View<T>(nint pointer, long elements) where T : unmanaged;

    /// <summary>Elements of host memory, for a kernel that is launched next: in place, or a copy on the device.</summary>
    public abstract ArrayView<T> HostView<T>(nint pointer, long elements) where T : unmanaged;

    /// <summary>Enqueues a kernel whose groups share so many items.</summary>
    public abstract void Launch<TArguments>(Kernel<TArguments> kernel, int items, in TArguments arguments) where TArguments : struct, IArguments;

    /// <summary>Host bytes into device memory, in the order of the launches.</summary>
    public abstract void CopyIn(ReadOnlySpan<byte> from, nint to);

    /// <summary>Waits for everything enqueued, then copies out.</summary>
    public abstract void CopyOut(nint from, Span<byte> to);

    public abstract void Dispose();
}
