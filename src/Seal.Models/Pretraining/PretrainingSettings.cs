using Seal.Kernels;

namespace Seal.Models.Pretraining;

/// <summary>How a base model is made from nothing.</summary>
public sealed record PretrainingSettings
{
    public int Layers { get; init; } = 6;

    public int Hidden { get; init; } = 192;

    public int Intermediate { get; init; } = 448;

    public int Heads { get; init; } = 6;

    public int KvHeads { get; init; } = 2;

    public int Vocabulary { get; init; } = 1536;

    /// <summary>Tokens of a row; documents do not reach over its end.</summary>
    public int RowTokens { get; init; } = 320;

    public int Rows { get; init; } = 12;

    public int Steps { get; init; } = 3400;

    public int Warmup { get; init; } = 100;

    /// <summary>The last so many of 100 steps, over which the learning rate falls to zero.</summary>
    public int DecayPercent { get; init; } = 70;

    /// <summary>Of the matrices, under <see cref="Muon"/>: the share of a matrix's unit-norm update that a step takes.</summary>
    public double MatrixRate { get; init; } = 0.02;

    /// <summary>Of embedding and gains, under Adam.</summary>
    public double VectorRate { get; init; } = 3e-3;

    public ulong Seed { get; init; } = 1;

    /// <summary>The learning rate of a step, as a share of its peak: warm-up, then even, then a straight line down.</summary>
    public double RateAt(int step)
    {
        double decay = Steps * DecayPercent / 100.0;
        return Math.Min(Math.Min(1, (step + 1.0) / Warmup), Math.Max(0, (Steps - step) / Math.Max(1, decay)));
    }

    /// <exception cref="SealException">A value is out of range.</exception>
    public PretrainingSettings Validated()
    {
        if (Steps < 1 || Rows < 1 || RowTokens < 16 || Warmup < 1 || DecayPercent is < 0 or > 100)
            throw new SealException($"pretraining: steps {Steps}, rows {Rows}, row_tokens {RowTokens}, warmup {Warmup}, decay_percent {DecayPercent}; expected 1, 1, 16, 1 or more, and 0 to 100");
        if (Hidden % Heads != 0 || Heads % KvHeads != 0 || Hidden / Heads % 2 != 0)
            throw new SealException($"pretraining: hidden {Hidden}, heads {Heads}, kv_heads {KvHeads}; expected heads to divide hidden into even parts, and kv_heads to divide heads");
        return this;
    }
}
