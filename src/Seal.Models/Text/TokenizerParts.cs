namespace Seal.Models.Text;

/// <summary>What a tokenizer is made of, whichever file it came from.</summary>
/// <param name="IdOfToken">The model's vocabulary, spelled in the byte-level alphabet.</param>
/// <param name="Merges">Pairs, the first merged first.</param>
/// <param name="MergesName">Where the merges stand, for errors.</param>
internal sealed record TokenizerParts(
    Dictionary<string, int> IdOfToken,
    IReadOnlyList<(string Left, string Right)> Merges,
    string MergesName,
    bool WholeWordsFirst,
    bool NormalizesToNfc,
    IReadOnlyList<PreTokenizer> PreTokenizers,
    IReadOnlyList<AddedToken> AddedTokens,
    int? Bos,
    int? Eos)
{
    /// <summary>No vocabulary is near this; an id beyond it is damage, not a reason to allocate.</summary>
    public const int MostTokens = 1 << 24;
}
