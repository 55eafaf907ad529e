using System.Buffers.Binary;
using System.Text;
using Seal.Kernels;

namespace Seal.Models.Formats;

/// <summary>Reads a GGUF file's head from front to back; nothing is believed before the file is long enough for it.</summary>
internal sealed class GgufCursor(MappedFile file)
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>Bytes from the start of the file.</summary>
    public long Position { get; private set; }

    /// <summary>What is being read, for messages.</summary>
    public string Reading { get; set; } = "header";

    public SealException Error(string complaint) => new($"{file.Path}: '{Reading}' {complaint}");

    public ReadOnlySpan<byte> Take(int count)
    {
        if (count > file.Length - Position)
            throw Error($"needs {count} bytes at {Position}, but the file ends at {file.Length}. It is truncated: fetch it again");
        ReadOnlySpan<byte> bytes = file.Bytes(Position, count);
        Position += count;
        return bytes;
    }

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    /// <summary>How many things follow, each of at least that many bytes: so a count can never ask for more memory than the file is long.</summary>
    public int Count(string what, int bytesEach)
    {
        ulong count = UInt64();
        long most = (file.Length - Position) / bytesEach;
        if (count > (ulong)most || count > int.MaxValue / 8)
            throw Error($"says it has {count} {what}, but at most {Math.Min(most, int.MaxValue / 8)} fit. The file is truncated or damaged: fetch it again");
        return (int)count;
    }

    public string Text()
    {
        int length = Count("bytes of text", 1);
        try
        {
            return StrictUtf8.GetString(Take(length));
        }
        catch (DecoderFallbackException error)
        {
            throw Error($"is not UTF-8 text: {error.Message}");
        }
    }
}
