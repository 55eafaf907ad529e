using System.Globalization;
using System.Text;

namespace Seal.Models.Text;

/// <summary>The four classes that the pre-tokenizers' patterns tell apart.</summary>
internal enum CharacterClass
{
    /// <summary>None of the others: the patterns' <c>[^\s\p{L}\p{N}]</c>; marks, emoji and joiners are here.</summary>
    Other,

    /// <summary><c>\p{L}</c></summary>
    Letter,

    /// <summary><c>\p{N}</c>: Nd, Nl and No.</summary>
    Number,

    /// <summary><c>\s</c>: Unicode's White_Space.</summary>
    Space,
}

internal static class CharacterClasses
{
    /// <summary>The class of the code point that begins at <paramref name="index"/>; a lone surrogate counts as U+FFFD.</summary>
    /// <remarks>Regex is no use here: it sees an astral letter as two surrogates, which are neither letters nor numbers.</remarks>
    public static CharacterClass At(ReadOnlySpan<char> text, int index, out int length)
    {
        char c = text[index];
        length = 1;
        if (char.IsAscii(c))
            return char.IsAsciiLetter(c) ? CharacterClass.Letter
                : char.IsAsciiDigit(c) ? CharacterClass.Number
                : char.IsWhiteSpace(c) ? CharacterClass.Space
                : CharacterClass.Other;
        Rune.DecodeFromUtf16(text[index..], out Rune rune, out length);
        return Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
                or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => CharacterClass.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CharacterClass.Number,
            _ => Rune.IsWhiteSpace(rune) ? CharacterClass.Space : CharacterClass.Other,
        };
    }

    /// <summary>Where the run of <paramref name="wanted"/> that begins at <paramref name="start"/> ends, after at most <paramref name="most"/> code points.</summary>
    public static int RunEnd(ReadOnlySpan<char> text, int start, CharacterClass wanted, int most = int.MaxValue)
    {
        int end = start;
        while (end < text.Length && most-- > 0 && At(text, end, out int length) == wanted)
            end += length;
        return end;
    }
}
