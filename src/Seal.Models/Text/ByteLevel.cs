using System.Buffers;
using System.Text;

namespace Seal.Models.Text;

/// <summary>
/// GPT-2's one-to-one map between the 256 bytes and 256 printable characters, in which vocabularies spell their tokens:
/// printable Latin-1 stands for itself, the other 68 bytes, in order, are U+0100 and on (so a space is 'Ġ').
/// </summary>
internal static class ByteLevel
{
    private static readonly char[] s_charOfByte = Alphabet();
    private static readonly short[] s_byteOfChar = Inverse(s_charOfByte);

    public static char ToChar(byte value) => s_charOfByte[value];

    /// <summary>
    /// The bytes that a token of the vocabulary stands for. A token with any character outside the alphabet (an added token
    /// with a space in it) stands for its own UTF-8: so does Hugging Face's ByteLevel decoder.
    /// </summary>
    public static void AppendBytes(string token, IBufferWriter<byte> output)
    {
        foreach (char c in token)
            if (c >= s_byteOfChar.Length || s_byteOfChar[c] < 0)
            {
                Encoding.UTF8.GetBytes(token, output);
                return;
            }
        Span<byte> span = output.GetSpan(Math.Max(token.Length, 1));
        for (int i = 0; i < token.Length; i++)
            span[i] = (byte)s_byteOfChar[token[i]];
        output.Advance(token.Length);
    }

    private static char[] Alphabet()
    {
        char[] chars = new char[256];
        int next = 256;
        for (int b = 0; b < 256; b++)
            chars[b] = b is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE ? (char)b : (char)next++;
        return chars;
    }

    private static short[] Inverse(char[] charOfByte)
    {
        short[] bytes = new short[charOfByte.Max() + 1];
        bytes.AsSpan().Fill(-1);
        for (int b = 0; b < 256; b++)
            bytes[charOfByte[b]] = (short)b;
        return bytes;
    }
}
