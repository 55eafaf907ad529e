using Seal.Kernels.Native;

namespace Seal.Kernels;

public sealed partial class NativeOperators
{
    /// <summary>On the processor any memory will do, and ours comes in large pages; a GPU's is its library's.</summary>
    public override DeviceMemory Allocate(long bytes) => Device.Kind == DeviceKind.Host ? new HostMemory(bytes) : new EngineMemory(_engine, bytes);

    /// <summary>A block of the device's memory. The host cannot read it in place: see <see cref="Read"/> and <see cref="Write"/>.</summary>
    private sealed class EngineMemory(SealEngineHandle engine, long bytes) : DeviceMemory(Allocate(engine, bytes), bytes)
    {
        private static nint Allocate(SealEngineHandle engine, long bytes)
        {
            LibSeal.seal_memory_allocate(engine, Math.Max(bytes, 64), out nint memory).ThrowOnFailure();
            return memory;
        }

        protected override bool ReleaseHandle()
        {
            LibSeal.seal_memory_free(handle);
            return true;
        }
    }
}
