namespace Seal.Models.Text;

/// <summary>Cuts text into the pieces inside which byte pairs are merged. Every character is in exactly one piece.</summary>
internal abstract class PreTokenizer
{
    /// <summary>Where the piece that begins at <paramref name="start"/> ends: more than start, at most the text's length.</summary>
    public abstract int PieceEnd(ReadOnlySpan<char> text, int start);

    /// <summary><c>add_prefix_space</c>: what this step is given begins with a space, its own or one put there.</summary>
    public virtual bool AddsPrefixSpace => false;
}

/// <summary>Hugging Face's Digits: numbers apart from the rest, one by one or run by run.</summary>
internal sealed class DigitsPieces(bool individual) : PreTokenizer
{
    public override int PieceEnd(ReadOnlySpan<char> text, int start)
    {
        if (CharacterClasses.At(text, start, out int length) == CharacterClass.Number)
            return individual ? start + length : CharacterClasses.RunEnd(text, start, CharacterClass.Number);
        int end = start + length;
        while (end < text.Length && CharacterClasses.At(text, end, out length) != CharacterClass.Number)
            end += length;
        return end;
    }
}

/// <summary>ByteLevel without its regex: the text as it is.</summary>
internal sealed class WholePieces(bool addsPrefixSpace) : PreTokenizer
{
    public override bool AddsPrefixSpace => addsPrefixSpace;

    public override int PieceEnd(ReadOnlySpan<char> text, int start) => text.Length;
}
