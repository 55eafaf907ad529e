using Seal.Kernels;

namespace Seal.Models;

/// <summary>The families that the transformer computes. They differ in biases and norms alone: see <see cref="ModelConfig"/>.</summary>
public enum ModelFamily { Llama, Qwen2, Qwen3 }

/// <summary>
/// Llama 3's rotary scaling: wavelengths above OriginalMaxPositions/LowFreqFactor are stretched by Factor, those below
/// OriginalMaxPositions/HighFreqFactor are kept, those between are blended.
/// </summary>
public sealed record Llama3RopeScaling(double Factor, double LowFreqFactor, double HighFreqFactor, int OriginalMaxPositions);

/// <summary>What shapes a decoder-only transformer: RMS norms, rotary positions (halves convention), grouped queries, SwiGLU.</summary>
public sealed record ModelConfig
{
    public required ModelFamily Family { get; init; }

    public required int Layers { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public required int Hidden { get; init; }

    /// <summary>Width of the feed-forward layer.</summary>
    public required int Intermediate { get; init; }

    public required int Heads { get; init; }

    /// <summary>Key and value heads; a divisor of <see cref="Heads"/>.</summary>
    public required int KvHeads { get; init; }

    /// <summary>Width of one head; Heads * HeadDim need not be Hidden.</summary>
    public required int HeadDim { get; init; }

    public required int Vocabulary { get; init; }

    public required int MaxPositions { get; init; }

    public required double RmsNormEps { get; init; }

    public required double RopeTheta { get; init; }

    public Llama3RopeScaling? RopeScaling { get; init; }

    /// <summary>The head's weight is the embedding.</summary>
    public required bool TiedEmbedding { get; init; }

    /// <summary>Queries, keys and values have a bias (qwen2).</summary>
    public bool QkvBias { get; init; }

    /// <summary>Queries and keys pass an RMS norm per head before the rotation (qwen3).</summary>
    public bool QkNorm { get; init; }

    /// <summary>Tokens that end a text; empty where the files name none.</summary>
    public int[] EosTokenIds { get; init; } = [];

    public int? BosTokenId { get; init; }

    /// <summary>This configuration, if a model can have it.</summary>
    /// <param name="source">The file it was read from, for the message.</param>
    /// <exception cref="SealException">A size is not positive, heads do not divide, or a token is outside the vocabulary.</exception>
    public ModelConfig Validated(string source)
    {
        Positive(Layers, "number of layers");
        Positive(Hidden, "hidden size");
        Positive(Intermediate, "feed-forward size");
        Positive(Heads, "number of heads");
        Positive(KvHeads, "number of key/value heads");
        Positive(HeadDim, "head size");
        Positive(Vocabulary, "vocabulary size");
        Positive(MaxPositions, "number of positions");
        Require(Heads % KvHeads == 0, $"{Heads} heads cannot share {KvHeads} key/value heads evenly");
        Require(HeadDim % 2 == 0, $"the head size {HeadDim} is odd: rotary positions turn pairs");
        Require((long)Heads * HeadDim <= int.MaxValue, $"{Heads} heads of {HeadDim} are too wide");
        Require(RmsNormEps is > 0 and < 1, $"the RMS norm epsilon {RmsNormEps} is not between 0 and 1");
        Require(RopeTheta > 0 && double.IsFinite(RopeTheta), $"the rotary base {RopeTheta} is not a positive number");
        foreach (int id in EosTokenIds) Require((uint)id < (uint)Vocabulary, $"the end-of-text token {id} is outside the vocabulary of {Vocabulary}");
        if (BosTokenId is int bos) Require((uint)bos < (uint)Vocabulary, $"the begin-of-text token {bos} is outside the vocabulary of {Vocabulary}");
        if (RopeScaling is { } scaling)
        {
            Require(scaling.Factor >= 1 && double.IsFinite(scaling.Factor), $"the rope scaling factor {scaling.Factor} is not a number of at least 1");
            Require(scaling.LowFreqFactor > 0 && scaling.HighFreqFactor > scaling.LowFreqFactor && double.IsFinite(scaling.HighFreqFactor),
                $"the rope scaling's low_freq_factor {scaling.LowFreqFactor} and high_freq_factor {scaling.HighFreqFactor} are not 0 < low < high");
            Positive(scaling.OriginalMaxPositions, "rope scaling's original_max_position_embeddings");
        }
        return this;

        void Positive(int value, string what) => Require(value > 0, $"the {what} is {value}, which is not positive");

        void Require(bool holds, string complaint)
        {
            if (!holds) throw new SealException($"{source}: {complaint}. The file is damaged or is not a model of this family.");
        }
    }
}
