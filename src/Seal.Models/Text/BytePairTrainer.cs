using System.Text;
using Seal.Models.Formats;

namespace Seal.Models.Text;

/// <summary>
/// Makes a byte-level BPE vocabulary from texts (Sennrich et al., arXiv 1508.07909): the pair of neighbouring tokens that occurs most
/// often becomes a token, again and again. Of equally frequent pairs the one whose spelling comes first is taken, so the same texts give the same
/// vocabulary.
/// </summary>
public static class BytePairTrainer
{
    public const string EndOfText = "<|endoftext|>";

    /// <param name="texts">Cut into pieces as GPT-2's tokenizer does, digits first as pieces of their own where wanted.</param>
    /// <param name="size">Tokens in all, the 256 bytes and the end of text among them; fewer when the texts have no more pairs.</param>
    public static GgufVocabulary Train(IEnumerable<string> texts, int size, bool digitsAlone = false)
    {
        if (size <= 257)
            throw new ArgumentOutOfRangeException(nameof(size), size, "a byte-level vocabulary has more than 257 tokens");
        List<string> tokens = [.. Enumerable.Range(0, 256).Select(b => ByteLevel.ToChar((byte)b).ToString())];
        var ids = tokens.Index().ToDictionary(entry => entry.Item, entry => entry.Index);
        List<string> merges = [];
        List<Word> words = [.. Count(texts, digitsAlone).Select(entry => new Word([.. Encoding.UTF8.GetBytes(entry.Key).Select(b => (int)b)], entry.Value))];
        while (tokens.Count < size - 1 && MostFrequent(words, tokens) is { } pair)
        {
            string merged = tokens[pair.Left] + tokens[pair.Right];
            // Two ways to the same spelling share a token.
            if (ids.TryAdd(merged, tokens.Count))
                tokens.Add(merged);
            merges.Add($"{tokens[pair.Left]} {tokens[pair.Right]}");
            foreach (Word word in words)
                word.Merge(pair, ids[merged]);
        }
        tokens.Add(EndOfText);
        int[] types = [.. Enumerable.Repeat(1, tokens.Count - 1), 3];
        return new GgufVocabulary("gpt2", digitsAlone ? "smollm" : "gpt-2", [.. tokens], types, [.. merges], null, tokens.Count - 1, AddBos: false) { Path = "a vocabulary in memory" };
    }

    private static SortedDictionary<string, long> Count(IEnumerable<string> texts, bool digitsAlone)
    {
        var pieces = new Gpt2Pieces(addsPrefixSpace: false);
        IEnumerable<string> parts = digitsAlone ? texts.SelectMany(text => Cut(text, new DigitsPieces(individual: true))) : texts;
        var counts = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (string piece in parts.SelectMany(part => Cut(part, pieces)))
            counts[piece] = counts.GetValueOrDefault(piece) + 1;
        return counts;
    }

    private static IEnumerable<string> Cut(string text, PreTokenizer pieces)
    {
        for (int start = 0; start < text.Length;)
        {
            int end = pieces.PieceEnd(text, start);
            yield return text[start..end];
            start = end;
        }
    }

    private static (int Left, int Right)? MostFrequent(List<Word> words, List<string> tokens)
    {
        var counts = new Dictionary<(int Left, int Right), long>();
        foreach (Word word in words)
            for (int i = 0; i + 1 < word.Tokens.Count; i++)
            {
                (int, int) pair = (word.Tokens[i], word.Tokens[i + 1]);
                counts[pair] = counts.GetValueOrDefault(pair) + word.Count;
            }
        if (counts.Count == 0)
            return null;
        long most = counts.Values.Max();
        return counts.Where(entry => entry.Value == most).Select(entry => entry.Key)
            .OrderBy(pair => tokens[pair.Left], StringComparer.Ordinal).ThenBy(pair => tokens[pair.Right], StringComparer.Ordinal).First();
    }

    /// <summary>A piece of text that occurs so many times, as the tokens that it has become.</summary>
    private sealed record Word(List<int> Tokens, long Count)
    {
        public void Merge((int Left, int Right) pair, int merged)
        {
            for (int i = 0; i + 1 < Tokens.Count; i++)
                if (Tokens[i] == pair.Left && Tokens[i + 1] == pair.Right)
                {
                    Tokens[i] = merged;
                    Tokens.RemoveAt(i + 1);
                }
        }
    }
}
