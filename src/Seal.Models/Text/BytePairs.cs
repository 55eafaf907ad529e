using System.Buffers;
using Seal.Kernels;

namespace Seal.Models.Text;

/// <summary>
/// The byte-pair merges of one vocabulary: of all adjacent pairs the one with the lowest rank is merged first, the leftmost
/// among equals, until none is left (Sennrich et al., arXiv 1508.07909; ties as in Hugging Face's <c>Word::merge_all</c>).
/// </summary>
/// <remarks>
/// Why not Microsoft.ML.Tokenizers' BpeTokenizer: version 2.0.1 gives the same merges, but takes time in the square of a
/// pre-token's length (measured: 100,000 characters without a space 2.6 s, 1,000,000 135 s), and knows neither
/// <c>ignore_merges</c> nor a byte-level <c>tokenizer.json</c>. The tests still hold this class against it.
/// Here symbols form a linked list and candidate pairs a heap: n symbols cost O(n log n).
/// </remarks>
internal sealed class BytePairs
{
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _idOfSpan;
    private readonly Dictionary<(int Left, int Right), (int Rank, int Id)> _merges;
    private readonly int[] _idOfByte = new int[256];
    private readonly int _longestToken;
    private readonly bool _wholeWordsFirst;

    /// <param name="idOfToken">The model's vocabulary, tokens spelled in the byte-level alphabet.</param>
    /// <param name="merges">Pairs of tokens, the first merged first.</param>
    /// <param name="wholeWordsFirst"><c>ignore_merges</c>: a pre-token that is itself in the vocabulary is taken whole.</param>
    /// <param name="where">Names the merges in errors.</param>
    public BytePairs(Dictionary<string, int> idOfToken, IReadOnlyList<(string Left, string Right)> merges, bool wholeWordsFirst, string where)
    {
        _idOfSpan = idOfToken.GetAlternateLookup<ReadOnlySpan<char>>();
        _wholeWordsFirst = wholeWordsFirst;
        _longestToken = idOfToken.Count == 0 ? 0 : idOfToken.Keys.Max(token => token.Length);
        for (int b = 0; b < 256; b++)
            _idOfByte[b] = idOfToken.GetValueOrDefault(ByteLevel.ToChar((byte)b).ToString(), -1);
        _merges = new(merges.Count);
        for (int rank = 0; rank < merges.Count; rank++)
        {
            (string left, string right) = merges[rank];
            _merges[(Id(left), Id(right))] = (rank, Id(left + right));

            int Id(string token) => idOfToken.TryGetValue(token, out int id)
                ? id
                : throw new SealException($"{where}[{rank}]: the merge \"{left}\" + \"{right}\" needs the token \"{token}\", which is not in the vocabulary; "
                    + "the file is damaged or its vocabulary and merges belong to different models.");
        }
    }

    /// <summary>Appends the tokens of one pre-token, given as bytes. Bytes that the vocabulary lacks are left out, as Hugging Face does without an unknown token.</summary>
    public void Encode(ReadOnlySpan<byte> word, List<int> ids)
    {
        if (_wholeWordsFirst && word.Length <= _longestToken && TryWhole(word, out int whole))
        {
            ids.Add(whole);
            return;
        }
        Symbol[] rented = ArrayPool<Symbol>.Shared.Rent(Math.Max(word.Length, 1));
        int count = 0;
        foreach (byte b in word)
            if (_idOfByte[b] >= 0)
            {
                rented[count] = new Symbol { Id = _idOfByte[b], Previous = count - 1, Next = count + 1 };
                count++;
            }
        if (count > 0)
        {
            Merge(rented.AsSpan(0, count));
            for (int i = 0; i < count; i = rented[i].Next)
                ids.Add(rented[i].Id);
        }
        ArrayPool<Symbol>.Shared.Return(rented);
    }

    private void Merge(Span<Symbol> symbols)
    {
        PriorityQueue<(int Position, int Id), (int Rank, int Position)> candidates = new(symbols.Length);
        for (int i = 0; i + 1 < symbols.Length; i++)
            Consider(symbols, i);
        while (candidates.TryDequeue(out (int Position, int Id) candidate, out _))
        {
            ref Symbol left = ref symbols[candidate.Position];
            // Stale when a merge since then took one of the two: then the pair there is another one, or none.
            if (left.Id < 0 || left.Next >= symbols.Length
                || !_merges.TryGetValue((left.Id, symbols[left.Next].Id), out (int Rank, int Id) merge) || merge.Id != candidate.Id)
                continue;
            ref Symbol right = ref symbols[left.Next];
            left.Id = merge.Id;
            left.Next = right.Next;
            right.Id = -1;
            if (left.Next < symbols.Length)
            {
                symbols[left.Next].Previous = candidate.Position;
                Consider(symbols, candidate.Position);
            }
            if (left.Previous >= 0)
                Consider(symbols, left.Previous);
        }

        void Consider(Span<Symbol> symbols, int position)
        {
            if (_merges.TryGetValue((symbols[position].Id, symbols[symbols[position].Next].Id), out (int Rank, int Id) merge))
                candidates.Enqueue((position, merge.Id), (merge.Rank, position));
        }
    }

    private bool TryWhole(ReadOnlySpan<byte> word, out int id)
    {
        char[]? rented = null;
        Span<char> spelled = word.Length <= 256 ? stackalloc char[256] : rented = ArrayPool<char>.Shared.Rent(word.Length);
        for (int i = 0; i < word.Length; i++)
            spelled[i] = ByteLevel.ToChar(word[i]);
        bool found = _idOfSpan.TryGetValue(spelled[..word.Length], out id);
        if (rented is not null)
            ArrayPool<char>.Shared.Return(rented);
        return found;
    }

    private struct Symbol
    {
        public int Id;
        public int Previous;
        public int Next;
    }
}
