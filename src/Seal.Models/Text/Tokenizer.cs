using System.Buffers;
using System.Text;
using Seal.Models.Formats;

namespace Seal.Models.Text;

/// <summary>
/// A byte-level BPE tokenizer that gives the ids of Hugging Face's: text → added tokens → normalization →
/// pre-tokenizers → bytes → merges. Immutable, so any number of threads may use one.
/// </summary>
public sealed class Tokenizer
{
    private readonly BytePairs _bytePairs;
    private readonly bool _normalizesToNfc;
    private readonly IReadOnlyList<PreTokenizer> _preTokenizers;
    private readonly AddedTokenMatcher? _addedInText;
    private readonly AddedTokenMatcher? _addedInNormalized;
    private readonly Dictionary<string, int> _idOfToken;
    private readonly string?[] _tokenOfId;
    private readonly HashSet<int> _special;

    private Tokenizer(TokenizerParts parts)
    {
        _bytePairs = new BytePairs(parts.IdOfToken, parts.Merges, parts.WholeWordsFirst, parts.MergesName);
        _normalizesToNfc = parts.NormalizesToNfc;
        _preTokenizers = parts.PreTokenizers;
        _addedInText = Matcher(parts.AddedTokens.Where(token => !token.Normalized));
        _addedInNormalized = Matcher(parts.AddedTokens.Where(token => token.Normalized)
            .Select(token => token with { Content = Normalize(token.Content) }));
        _idOfToken = new Dictionary<string, int>(parts.IdOfToken);
        foreach (AddedToken token in parts.AddedTokens)
            _idOfToken[token.Content] = token.Id;
        VocabularySize = _idOfToken.Count == 0 ? 0 : _idOfToken.Values.Max() + 1;
        _tokenOfId = new string?[VocabularySize];
        foreach ((string token, int id) in _idOfToken)
            _tokenOfId[id] = token;
        _special = [.. parts.AddedTokens.Where(token => token.Special).Select(token => token.Id)];
        Bos = parts.Bos;
        Eos = parts.Eos;

        static AddedTokenMatcher? Matcher(IEnumerable<AddedToken> tokens) =>
            tokens.ToArray() is { Length: > 0 } some ? new AddedTokenMatcher(some) : null;
    }

    /// <summary>The highest id plus one, added tokens included.</summary>
    public int VocabularySize { get; }

    /// <summary>The token that begins a text, where the source names one.</summary>
    public int? Bos { get; }

    /// <summary>The token that ends a text, where the source names one.</summary>
    public int? Eos { get; }

    /// <summary>The tokenizer that a model file describes.</summary>
    /// <exception cref="Kernels.SealException">The description is damaged or asks for a component that Seal does not have.</exception>
    public static Tokenizer From(TokenizerSource source) => source switch
    {
        TokenizerJson json => FromJson(json.Json, json.ConfigJson, json.Path),
        GgufVocabulary gguf => FromGguf(gguf, gguf.Path),
        _ => throw new ArgumentException($"No tokenizer is known for a {source.GetType().Name}.", nameof(source)),
    };

    /// <summary>Reads the text of a <c>tokenizer.json</c>, and of a <c>tokenizer_config.json</c> for the names of bos and eos.</summary>
    /// <inheritdoc cref="From" path="/exception"/>
    public static Tokenizer FromJson(string tokenizerJson, string? tokenizerConfigJson, string pathForErrors) =>
        new(TokenizerJsonReader.Read(tokenizerJson, tokenizerConfigJson, pathForErrors));

    /// <summary>Reads the <c>tokenizer.ggml.*</c> fields of a GGUF file.</summary>
    /// <inheritdoc cref="From" path="/exception"/>
    public static Tokenizer FromGguf(GgufVocabulary source, string pathForErrors) =>
        new(GgufVocabularyReader.Read(source, pathForErrors));

    /// <summary>
    /// The ids of <paramref name="text"/>. None is added at the ends; added tokens that stand in the text are found.
    /// A lone surrogate is read as U+FFFD.
    /// </summary>
    public int[] Encode(ReadOnlySpan<char> text)
    {
        List<int> ids = new(text.Length / 3 + 4);
        foreach ((AddedToken? token, Range range) in Split(_addedInText, text))
        {
            if (token is not null)
            {
                ids.Add(token.Id);
                continue;
            }
            ReadOnlySpan<char> normalized = _normalizesToNfc ? Nfc.Normalize(text[range]) : text[range];
            foreach ((AddedToken? inner, Range stretch) in Split(_addedInNormalized, normalized))
                if (inner is not null)
                    ids.Add(inner.Id);
                else
                    EncodePieces(normalized[stretch], 0, ids);
        }
        return [.. ids];
    }

    /// <summary>
    /// The text of <paramref name="ids"/>. Bytes that are no UTF-8 become U+FFFD; ids outside the vocabulary (models often
    /// have rows to spare) stand for nothing. Both as Hugging Face.
    /// </summary>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecial = false)
    {
        ArrayBufferWriter<byte> bytes = new(Math.Max(ids.Length * 4, 16));
        foreach (int id in ids)
            if (!skipSpecial || !IsSpecial(id))
                AppendBytes(id, bytes);
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    public bool IsSpecial(int id) => _special.Contains(id);

    /// <summary>The id of a token, spelled as in the vocabulary ("Ġthe", "&lt;|im_end|&gt;"), or null.</summary>
    public int? TokenId(string token) => _idOfToken.TryGetValue(token, out int id) ? id : null;

    internal void AppendBytes(int id, IBufferWriter<byte> output)
    {
        if ((uint)id < (uint)_tokenOfId.Length && _tokenOfId[id] is { } token)
            ByteLevel.AppendBytes(token, output);
    }

    private void EncodePieces(ReadOnlySpan<char> text, int step, List<int> ids)
    {
        if (text.IsEmpty)
            return;
        if (step == _preTokenizers.Count)
        {
            byte[] bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
            int count = Encoding.UTF8.GetBytes(text, bytes);
            _bytePairs.Encode(bytes.AsSpan(0, count), ids);
            ArrayPool<byte>.Shared.Return(bytes);
            return;
        }
        PreTokenizer preTokenizer = _preTokenizers[step];
        if (preTokenizer.AddsPrefixSpace && text[0] != ' ')
            text = $" {text}";
        for (int start = 0; start < text.Length;)
        {
            int end = preTokenizer.PieceEnd(text, start);
            EncodePieces(text[start..end], step + 1, ids);
            start = end;
        }
    }

    private string Normalize(string text) => _normalizesToNfc ? Nfc.Normalize(text) : text;

    private static List<(AddedToken? Token, Range Range)> Split(AddedTokenMatcher? matcher, ReadOnlySpan<char> text) =>
        matcher?.Split(text) ?? [(null, 0..text.Length)];
}
