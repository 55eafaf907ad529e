using Seal.Kernels;

namespace Seal.Models;

/// <summary>AdamW and its schedule for one adapter. Defaults are PyTorch's and the published system's.</summary>
public sealed record OptimizerSettings
{
    public double LearningRate { get; init; } = 1e-3;

    public double Beta1 { get; init; } = 0.9;

    public double Beta2 { get; init; } = 0.999;

    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Decoupled: weights shrink by lr·decay a step.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Largest global norm of the adapter's gradient; 0 = no clipping.</summary>
    public double ClipNorm { get; init; } = 1;

    public ScheduleShape Schedule { get; init; } = ScheduleShape.Linear;

    /// <summary>Optimizer steps of linear rise from zero.</summary>
    public int Warmup { get; init; }

    /// <summary>Batches whose mean losses are averaged into one optimizer step.</summary>
    public int Accumulate { get; init; } = 1;

    /// <exception cref="SealException">A value is out of range.</exception>
    public OptimizerSettings Validated()
    {
        Require(LearningRate > 0 && double.IsFinite(LearningRate), "learning_rate", LearningRate, "a positive number");
        Require(Beta1 is >= 0 and < 1, "beta1", Beta1, "0 up to 1");
        Require(Beta2 is >= 0 and < 1, "beta2", Beta2, "0 up to 1");
        Require(Epsilon > 0 && double.IsFinite(Epsilon), "epsilon", Epsilon, "a positive number");
        Require(WeightDecay >= 0 && double.IsFinite(WeightDecay), "weight_decay", WeightDecay, "0 or more");
        Require(ClipNorm >= 0 && double.IsFinite(ClipNorm), "clip_norm", ClipNorm, "0 (off) or more");
        Require(Warmup >= 0, "warmup", Warmup, "0 or more steps");
        Require(Accumulate >= 1, "accumulate", Accumulate, "1 or more batches");
        return this;
    }

    private static void Require(bool holds, string field, double value, string expected)
    {
        if (!holds)
            throw new SealException($"optimizer.{field} is {value}; expected {expected}");
    }
}
