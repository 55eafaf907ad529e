using System.Text;
using Seal.Kernels;

namespace Seal.Cli;

/// <summary>Texts that a command line names by file.</summary>
internal static class InputText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="SealException">The file cannot be read or is not UTF-8.</exception>
    public static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path, Strict);
        }
        catch (DecoderFallbackException e)
        {
            throw new SealException($"{path}: is not UTF-8 text (byte {e.Index}); convert it to UTF-8", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new SealException($"{path}: cannot be read ({e.Message})", e);
        }
    }
}
