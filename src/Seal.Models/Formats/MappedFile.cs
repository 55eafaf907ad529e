using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Seal.Kernels;

namespace Seal.Models.Formats;

/// <summary>A file's bytes, mapped for reading: pages come in when they are touched and are shared between processes.</summary>
internal sealed unsafe partial class MappedFile : IDisposable
{
    private readonly MemoryMappedFile map;
    private readonly MemoryMappedViewAccessor view;
    private byte* start;

    private MappedFile(string path, long length, MemoryMappedFile map, MemoryMappedViewAccessor view)
    {
        Path = path;
        Length = length;
        this.map = map;
        this.view = view;
        byte* pointer = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        start = pointer + view.PointerOffset;
    }

    public string Path { get; }

    public long Length { get; }

    /// <exception cref="SealException">There is no such file, it is empty, or may not be read.</exception>
    public static MappedFile Open(string path)
    {
        MemoryMappedFile? map = null;
        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            long length = stream.Length;
            if (length == 0) throw new SealException($"{path}: the file is empty. Was its download interrupted?");
            map = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
            return new MappedFile(path, length, map, map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            map?.Dispose();
            throw new SealException($"{path}: cannot be read: {error.Message}", error);
        }
    }

    /// <summary>Bytes of the mapping; not to be used after <see cref="Dispose"/>.</summary>
    public ReadOnlySpan<byte> Bytes(long offset, int count)
    {
        ObjectDisposedException.ThrowIf(start == null, this);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (offset < 0 || offset > Length - count) throw new ArgumentOutOfRangeException(nameof(offset), offset, $"{count} bytes reach beyond {Path}");
        return new ReadOnlySpan<byte>(start + offset, count);
    }

    /// <summary>Feeds the whole content to a digest.</summary>
    public void AppendTo(IncrementalHash hash)
    {
        const int piece = 1 << 20;
        for (long at = 0; at < Length; at += piece)
        {
            int count = (int)Math.Min(piece, Length - at);
            hash.AppendData(Bytes(at, count));
            Forget(at, count);
        }
    }

    /// <summary>
    /// Says that a range will not be read again soon, so that its pages no longer count as this process's memory. Reading it all the same
    /// brings them back.
    /// </summary>
    public void Forget(long offset, long count)
    {
        if (start == null || !(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS())) return;
        // Whole pages; one that another reader shares comes back when that one touches it.
        nint page = Environment.SystemPageSize, first = ((nint)start + (nint)offset) / page * page;
        _ = Advise(first, (nuint)((nint)start + (nint)(offset + count) - first), DontNeed); // advice: nothing depends on its being taken
    }

    private const int DontNeed = 4; // MADV_DONTNEED on both

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);

    public void Dispose()
    {
        if (start == null) return;
        start = null;
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        view.Dispose();
        map.Dispose();
    }
}
