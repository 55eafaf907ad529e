namespace Seal.Models.Text;

/// <summary>
/// Llama 3's and Qwen2's pattern, by hand, which differ in how many digits stand together (3 and 1):
/// <c>(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+</c>
/// </summary>
internal sealed class LlamaPieces(int digits) : PreTokenizer
{
    public const string LlamaPattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    public const string QwenPattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    public override int PieceEnd(ReadOnlySpan<char> text, int start)
    {
        char first = text[start];
        if (first == '\'' && ContractionLength(text[(start + 1)..]) is > 0 and int contraction)
            return start + 1 + contraction;

        CharacterClass kind = CharacterClasses.At(text, start, out int length);
        int second = start + length;
        if (kind == CharacterClass.Letter)
            return CharacterClasses.RunEnd(text, start, CharacterClass.Letter);
        if (kind == CharacterClass.Number)
            return CharacterClasses.RunEnd(text, start, CharacterClass.Number, digits);
        if (first is not ('\r' or '\n') && second < text.Length && CharacterClasses.At(text, second, out _) == CharacterClass.Letter)
            return CharacterClasses.RunEnd(text, second, CharacterClass.Letter);

        int other = first == ' ' ? second : start;
        int end = CharacterClasses.RunEnd(text, other, CharacterClass.Other);
        if (end > other)
        {
            while (end < text.Length && text[end] is ('\r' or '\n'))
                end++;
            return end;
        }
        int blank = CharacterClasses.RunEnd(text, start, CharacterClass.Space);
        int newline = text[start..blank].LastIndexOfAny('\r', '\n');
        return newline >= 0 ? start + newline + 1 : Gpt2Pieces.BlankEnd(text, start);
    }

    /// <summary>Any case; U+017F, the long s, is an s without case.</summary>
    private static int ContractionLength(ReadOnlySpan<char> text) => text switch
    {
        ['s' or 'S' or 'ſ' or 't' or 'T' or 'm' or 'M' or 'd' or 'D', ..] => 1,
        ['r' or 'R' or 'v' or 'V', 'e' or 'E', ..] or ['l' or 'L', 'l' or 'L', ..] => 2,
        _ => 0,
    };
}
