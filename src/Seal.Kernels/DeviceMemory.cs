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

/// <summary>
/// A block of host memory; a large one in pages of 2 MiB where the system has them: with those of 4 KiB finding a page takes longer than
/// reading it, on virtual machines above all.
/// </summary>
public sealed unsafe partial class HostMemory(long bytes) : DeviceMemory(Allocate(bytes), bytes)
{
    private const int HugePage = 1 << 21, AdviseHugePages = 14;

    private static nint Allocate(long bytes)
    {
        bool large = bytes >= 2 * HugePage && OperatingSystem.IsLinux();
        nuint size = checked((nuint)Math.Max(bytes, 64));
        void* memory = NativeMemory.AlignedAlloc(size, large ? HugePage : 64u);
        if (large)
            _ = Advise((nint)memory, size, AdviseHugePages); // refused: small pages do as well, only slower
        return (nint)memory;
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint start, nuint length, int advice);

    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        return true;
    }
}
