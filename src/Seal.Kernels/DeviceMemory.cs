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
/// A block of host memory; a large one straight from the system, in pages of 2 MiB where it has them: with those of 4 KiB finding a page takes longer
/// than reading it, on virtual machines above all, and what malloc is told to keep (a benchmark tells it so, for libtorch) would never go back.
/// </summary>
public sealed unsafe partial class HostMemory : DeviceMemory
{
    private const int HugePage = 1 << 21, AdviseHugePages = 14;
    private const int ReadWrite = 1 | 2, PrivateAnonymous = 2 | 32;

    private readonly nint _mapping; // 0: the block is malloc's
    private readonly nuint _mapped;

    public HostMemory(long bytes) : this(Allocate(bytes), bytes)
    {
    }

    private HostMemory((nint Pointer, nint Mapping, nuint Mapped) block, long bytes) : base(block.Pointer, bytes) =>
        (_mapping, _mapped) = (block.Mapping, block.Mapped);

    private static (nint Pointer, nint Mapping, nuint Mapped) Allocate(long bytes)
    {
        nuint size = checked((nuint)Math.Max(bytes, 64));
        if (bytes < 2 * HugePage || !OperatingSystem.IsLinux())
            return ((nint)NativeMemory.AlignedAlloc(size, 64), 0, 0);
        nuint mapped = checked(size + HugePage);
        nint mapping = Map(0, mapped, ReadWrite, PrivateAnonymous, -1, 0);
        if (mapping == -1)
            throw new OutOfMemoryException($"the system has no block of {bytes} bytes");
        nint start = (mapping + HugePage - 1) & -HugePage;
        _ = Advise(start, size, AdviseHugePages); // refused: small pages do as well, only slower
        return (start, mapping, mapped);
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, long offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint start, nuint length, int advice);

    protected override bool ReleaseHandle()
    {
        if (_mapping != 0)
            return Unmap(_mapping, _mapped) == 0;
        NativeMemory.AlignedFree((void*)handle);
        return true;
    }
}
