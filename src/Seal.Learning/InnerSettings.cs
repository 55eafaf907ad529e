using Seal.Kernels;
using Seal.Models;

namespace Seal.Learning;

/// <summary>How one adapter is trained on the texts of one self-edit.</summary>
public sealed record InnerSettings
{
    /// <summary>The published inner loop: q and v only, one sequence a step, ten epochs, linear decay.</summary>
    public static InnerSettings Compat { get; } = new()
    {
        Lora = new LoraSettings(32, 64, [LoraTarget.QProj, LoraTarget.VProj]),
        Optimizer = new OptimizerSettings { LearningRate = 1e-3 },
        Epochs = 10,
        BatchSequences = 1,
    };

    public LoraSettings Lora { get; init; } = new(32, 64, LoraTargets.All);

    public OptimizerSettings Optimizer { get; init; } = new() { LearningRate = 5e-4 };

    public int Epochs { get; init; } = 5;

    /// <summary>Sequences of one micro-batch; their order is shuffled anew in every epoch.</summary>
    public int BatchSequences { get; init; } = 4;

    /// <summary>Longer sequences are cut here.</summary>
    public int MaxSequenceTokens { get; init; } = 2048;

    /// <summary>Whether every sequence ends in one end-of-text token that is learned. (The published loop learned some 2,000 of them a sequence.)</summary>
    public bool LearnEnd { get; init; }

    /// <exception cref="SealException">A value is out of range.</exception>
    public InnerSettings Validated()
    {
        Lora.Validated();
        Optimizer.Validated();
        if (Epochs is < 1 or > 1000)
            throw new SealException($"inner.epochs is {Epochs}; expected 1 to 1000");
        if (BatchSequences < 1)
            throw new SealException($"inner.batch_sequences is {BatchSequences}; expected 1 or more");
        if (MaxSequenceTokens < 2)
            throw new SealException($"inner.max_sequence_tokens is {MaxSequenceTokens}; expected 2 or more");
        return this;
    }
}
