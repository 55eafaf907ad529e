using Seal.Kernels;
using Seal.Models.Formats;

namespace Seal.Models.Text;

/// <summary>Reads the tokenizer of a GGUF file, which names the pre-tokenizer (<c>tokenizer.ggml.pre</c>) in place of describing it.</summary>
internal static class GgufVocabularyReader
{
    // tokenizer.ggml.token_type, as llama.cpp numbers it.
    private const int Control = 3;
    private const int UserDefined = 4;

    public static TokenizerParts Read(GgufVocabulary source, string path)
    {
        if (source.Model != "gpt2")
            throw new SealException($"{path}: tokenizer.ggml.model is \"{source.Model}\"; expected \"gpt2\" (byte-level BPE), the only kind supported");
        if (source.TokenTypes.Length != 0 && source.TokenTypes.Length != source.Tokens.Length)
            throw new SealException($"{path}: tokenizer.ggml.token_type has {source.TokenTypes.Length} entries, tokenizer.ggml.tokens {source.Tokens.Length}; expected as many");

        Dictionary<string, int> vocabulary = new(source.Tokens.Length);
        List<AddedToken> added = [];
        for (int id = 0; id < source.Tokens.Length; id++)
        {
            string token = source.Tokens[id];
            vocabulary.TryAdd(token, id);
            int type = source.TokenTypes.Length == 0 ? 0 : source.TokenTypes[id];
            if (type is Control or UserDefined && token.Length > 0)
                added.Add(new AddedToken(id, token, false, false, false, false, Special: type == Control));
        }
        (string family, IReadOnlyList<PreTokenizer> steps) = Steps(source.Pre, path);
        return new TokenizerParts(
            vocabulary,
            [.. source.Merges.Select((merge, rank) => Merge(merge, rank, path))],
            $"{path}: tokenizer.ggml.merges",
            WholeWordsFirst: family == "llama",
            NormalizesToNfc: family == "qwen",
            steps,
            added,
            InVocabulary(source.BosId, "bos_token_id"),
            InVocabulary(source.EosId, "eos_token_id"));

        int? InVocabulary(int? id, string field) => id is null || (uint)id.Value < (uint)source.Tokens.Length
            ? id
            : throw new SealException($"{path}: tokenizer.ggml.{field} is {id}; the vocabulary has {source.Tokens.Length} tokens");
    }

    /// <remarks>"default" is what converters wrote before they told pre-tokenizers apart; GPT-2's is what it stood for.</remarks>
    private static (string Family, IReadOnlyList<PreTokenizer> Steps) Steps(string pre, string path) => pre switch
    {
        "smollm" => ("gpt", [new DigitsPieces(individual: true), new Gpt2Pieces(addsPrefixSpace: false)]),
        "gpt-2" or "gpt2" or "default" or "" => ("gpt", [new Gpt2Pieces(addsPrefixSpace: false)]),
        "llama-bpe" or "llama3" or "llama-v3" => ("llama", [new LlamaPieces(digits: 3)]),
        "qwen2" => ("qwen", [new LlamaPieces(digits: 1)]),
        _ => throw new SealException($"{path}: tokenizer.ggml.pre is \"{pre}\"; expected smollm, gpt-2, llama-bpe, qwen2 or default"),
    };

    /// <summary>The second token may not hold a space; the first may begin with one, as llama.cpp reads it.</summary>
    private static (string, string) Merge(string merge, int rank, string path)
    {
        int space = merge.Length > 1 ? merge.IndexOf(' ', 1) : -1;
        return space > 0
            ? (merge[..space], merge[(space + 1)..])
            : throw new SealException($"{path}: tokenizer.ggml.merges[{rank}] is \"{merge}\"; expected two tokens with a space between them");
    }
}
