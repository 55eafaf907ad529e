namespace Seal.Kernels.Cuda;

/// <summary>A block of a device's memory; the driver aligns it to 256 bytes.</summary>
internal sealed unsafe class CudaMemory(CudaContext context, long bytes) : DeviceMemory(Allocate(context, bytes), bytes)
{
    private static nint Allocate(CudaContext context, long bytes)
    {
        context.MakeCurrent();
        nint pointer = 0;
        context.Driver.Check(context.Driver.MemoryAllocate(&pointer, (nuint)Math.Max(bytes, 256)), $"allocating {bytes} bytes on device {context.Device.Index}");
        return pointer;
    }

    protected override bool ReleaseHandle() => context.TryFree(handle);
}
