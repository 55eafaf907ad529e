using System.Text;
using Seal.Kernels;

namespace Seal.Models.Formats;

/// <summary>Reads the small text files of a model's folder.</summary>
internal static class TextFile
{
    /// <exception cref="SealException">The file cannot be read or is not UTF-8.</exception>
    public static string Read(string path)
    {
        byte[] bytes = ReadBytes(path);
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException error)
        {
            throw new SealException($"{path}: not UTF-8 text: {error.Message}", error);
        }
    }

    /// <summary>The text where there is such a file, else null.</summary>
    public static string? ReadIfThere(string path) => File.Exists(path) ? Read(path) : null;

    /// <summary>The bytes, without a byte order mark.</summary>
    /// <exception cref="SealException">The file cannot be read.</exception>
    public static byte[] ReadBytes(string path)
    {
        try
        {
            byte[] bytes = File.ReadAllBytes(path);
            return bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? bytes[Encoding.UTF8.Preamble.Length..] : bytes;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new SealException($"{path}: cannot be read: {error.Message}", error);
        }
    }
}
