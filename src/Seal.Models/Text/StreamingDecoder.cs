using System.Buffers;
using System.Text;

namespace Seal.Models.Text;

/// <summary>Decodes token by token. Gives out only whole characters: bytes of one that is not complete yet wait for the next token.</summary>
public sealed class StreamingDecoder(Tokenizer tokenizer, bool skipSpecial = false)
{
    private readonly Decoder _utf8 = Encoding.UTF8.GetDecoder();
    private readonly ArrayBufferWriter<byte> _bytes = new(64);

    /// <summary>The text that <paramref name="id"/> completes; often empty inside a character of several tokens.</summary>
    public string Feed(int id)
    {
        _bytes.ResetWrittenCount();
        if (!skipSpecial || !tokenizer.IsSpecial(id))
            tokenizer.AppendBytes(id, _bytes);
        return Take(flush: false);
    }

    /// <summary>U+FFFD for a character that never was completed, otherwise nothing; then ready for another text.</summary>
    public string Finish()
    {
        _bytes.ResetWrittenCount();
        return Take(flush: true);
    }

    private string Take(bool flush)
    {
        char[] chars = new char[_utf8.GetCharCount(_bytes.WrittenSpan, flush)];
        return new string(chars, 0, _utf8.GetChars(_bytes.WrittenSpan, chars, flush));
    }
}
