using System.Text;
using Seal.Kernels;

namespace Seal.Models.Formats;

/// <summary>Writes a whole file or nothing: into a temporary file of the same folder, flushed to the disk, then renamed over the target.</summary>
public static class AtomicFile
{
    /// <exception cref="SealException">The folder is not there or may not be written, or the disk is full; an old file is left as it was.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        string temporary = Path.Combine(folder, $".{Path.GetFileName(path)}.{Guid.NewGuid():N}.tmp");
        try
        {
            using (FileStream stream = new(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception error)
        {
            Discard(temporary);
            if (error is IOException or UnauthorizedAccessException) throw new SealException($"{path}: cannot be written: {error.Message}", error);
            throw;
        }
    }

    /// <summary>Writes a text as UTF-8 without a mark.</summary>
    /// <exception cref="SealException">As for <see cref="Write"/>.</exception>
    public static void WriteText(string path, string text) => Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    private static void Discard(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The failure that brought us here is the one to report.
        }
    }
}
