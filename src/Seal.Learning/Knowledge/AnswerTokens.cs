using System.Text;

namespace Seal.Learning.Knowledge;

/// <summary>
/// An answer as its words: lower case, runs of letters, digits and underscores, without the articles a, an, the.
/// Scores compare words, so punctuation, case and articles do not count (as in SQuAD's evaluation, Rajpurkar et al. 2016, which
/// deletes punctuation where this separates at it; separating agrees a little better with the published verdicts).
/// </summary>
public static class AnswerTokens
{
    /// <summary>The words in order; empty for a text without letters and digits.</summary>
    public static IReadOnlyList<string> Of(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune) || rune.Value == '_' || word.Length > 0 && IsMark(rune))
            {
                word.Append(Rune.ToLowerInvariant(rune).ToString());
                continue;
            }
            Flush(words, word);
        }
        Flush(words, word);
        return words;
    }

    /// <summary>The share of the gold answer's distinct words that the answer holds, 0 to 1.</summary>
    public static double Recall(string gold, string answer)
    {
        HashSet<string> wanted = [.. Of(gold)];
        // A gold answer without a word ("?", "the") can only be matched as it stands.
        if (wanted.Count == 0)
            return answer.Contains(gold.Trim(), StringComparison.OrdinalIgnoreCase) ? 1 : 0;
        HashSet<string> said = [.. Of(answer)];
        return (double)wanted.Count(said.Contains) / wanted.Count;
    }

    /// <summary>Harmonic mean of precision and recall over words with their multiplicity, 0 to 1. Low for long answers, however right.</summary>
    public static double F1(string gold, string answer)
    {
        IReadOnlyList<string> wanted = Of(gold), said = Of(answer);
        if (wanted.Count == 0 || said.Count == 0)
            return wanted.Count == said.Count ? 1 : 0;
        Dictionary<string, int> left = wanted.GroupBy(w => w).ToDictionary(g => g.Key, g => g.Count());
        int shared = 0;
        foreach (string word in said)
        {
            if (!left.TryGetValue(word, out int count) || count == 0)
                continue;
            left[word] = count - 1;
            shared++;
        }
        return 2.0 * shared / (wanted.Count + said.Count);
    }

    /// <summary>Whether both say the same words in the same order.</summary>
    public static bool ExactMatch(string gold, string answer) => Of(gold).SequenceEqual(Of(answer));

    private static bool IsMark(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.SpacingCombiningMark;

    private static void Flush(List<string> words, StringBuilder word)
    {
        if (word.Length == 0)
            return;
        string text = word.ToString();
        word.Clear();
        if (text is not ("a" or "an" or "the"))
            words.Add(text);
    }
}
