using System.Buffers;
using System.Globalization;
using System.Text;

namespace Seal.Models.Text;

/// <summary>A token that is found in the text itself, before anything is merged (<c>added_tokens</c> of a tokenizer.json).</summary>
/// <param name="SingleWord">Only where no word character touches it.</param>
/// <param name="LeftStrip">Takes the white space before it.</param>
/// <param name="RightStrip">Takes the white space behind it.</param>
/// <param name="Normalized">Looked for in the normalized text; otherwise in the text as it came.</param>
/// <param name="Special">Left out by decoding with skipSpecial.</param>
internal sealed record AddedToken(int Id, string Content, bool SingleWord, bool LeftStrip, bool RightStrip, bool Normalized, bool Special);

/// <summary>Finds added tokens: leftmost first, the longest of those that begin at one place.</summary>
internal sealed class AddedTokenMatcher
{
    private readonly SearchValues<string> _contents;
    private readonly Dictionary<char, AddedToken[]> _longestFirst;

    public AddedTokenMatcher(IReadOnlyCollection<AddedToken> tokens)
    {
        _contents = SearchValues.Create([.. tokens.Select(token => token.Content)], StringComparison.Ordinal);
        _longestFirst = tokens
            .GroupBy(token => token.Content[0])
            .ToDictionary(group => group.Key, group => group.OrderByDescending(token => token.Content.Length).ToArray());
    }

    /// <summary>
    /// Cuts <paramref name="text"/> into stretches without added tokens (Token is null) and added tokens, with the white
    /// space that they take, in order. As Hugging Face's <c>AddedVocabulary::find_matches</c>.
    /// </summary>
    public List<(AddedToken? Token, Range Range)> Split(ReadOnlySpan<char> text)
    {
        List<(AddedToken?, Range)> stretches = [];
        int done = 0;
        int from = 0;
        while (from < text.Length && text[from..].IndexOfAny(_contents) is >= 0 and int offset)
        {
            int start = from + offset;
            AddedToken token = LongestAt(text[start..]);
            int end = start + token.Content.Length;
            from = end;
            if (token.SingleWord && (EndsWithWord(text[..start]) || StartsWithWord(text[end..])))
                continue;
            if (token.LeftStrip)
                start = Math.Max(done, text[..start].TrimEnd().Length);
            if (token.RightStrip)
                end = text.Length - text[end..].TrimStart().Length;
            if (done < start)
                stretches.Add((null, done..start));
            stretches.Add((token, start..end));
            done = end;
            from = end;
        }
        if (done < text.Length)
            stretches.Add((null, done..text.Length));
        return stretches;
    }

    private AddedToken LongestAt(ReadOnlySpan<char> text)
    {
        foreach (AddedToken token in _longestFirst[text[0]])
            if (text.StartsWith(token.Content, StringComparison.Ordinal))
                return token;
        throw new InvalidOperationException("The search found a token that is not there.");
    }

    private static bool StartsWithWord(ReadOnlySpan<char> text) =>
        !text.IsEmpty && Rune.DecodeFromUtf16(text, out Rune rune, out _) == OperationStatus.Done && IsWord(rune);

    private static bool EndsWithWord(ReadOnlySpan<char> text) =>
        !text.IsEmpty && Rune.DecodeLastFromUtf16(text, out Rune rune, out _) == OperationStatus.Done && IsWord(rune);

    /// <summary><c>\w</c> (UTS 18): letters, marks, decimal digits, letter numbers, connectors, the two joiners, and the circled and squared letters, which are symbols but alphabetic.</summary>
    private static bool IsWord(Rune rune) =>
        rune.Value is 0x200C or 0x200D or >= 0x24B6 and <= 0x24E9 or >= 0x1F130 and <= 0x1F149 or >= 0x1F150 and <= 0x1F169 or >= 0x1F170 and <= 0x1F189
        || Rune.GetUnicodeCategory(rune) is <= UnicodeCategory.LetterNumber or UnicodeCategory.ConnectorPunctuation;
}
