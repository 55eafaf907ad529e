using System.Runtime.InteropServices;

namespace Seal.Kernels;

/// <summary>One owned block of device memory, 64-byte aligned, uninitialised.</summary>
public abstract class DeviceMemory : SafeHandle
{
    protected DeviceMemory(nint pointer, long bytes) : base(0, ownsHandle: true)
    {
        SetHandle(pointer);
        Bytes = bytes;
    }

    public long Bytes { get; }

    public nint Pointer => handle;

    public override bool IsInvalid => handle == 0;
}

/// <summary>A block of host memory.</summary>
public sealed unsafe class HostMemory(long bytes)
    : DeviceMemory((nint)NativeMemory.AlignedAlloc(checked((nuint)Math.Max(bytes, 64)), 64), bytes)
{
    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        return true;
    }
}
