using Seal.Kernels;

namespace Seal.Models.Tests.Engine;

/// <summary>The engine with bf16 activations and weights, f32 sums and adapter masters.</summary>
public sealed class BFloat16Tests
{
    /// <summary>
    /// A rounding to bf16 errs by up to 2⁻⁹ of a number, so weights and about ten stored intermediates a layer wander by √20·2⁻⁹ ≈ 1 % a
    /// layer; of logits up to 4 that is 0.04 a layer for the worst token of a few hundred, and far less in the mean, where signs cancel.
    /// </summary>
    private const double WorstToken = 0.3, Mean = 0.03;

    [TestCaseSource(typeof(TinyWeights), nameof(TinyWeights.Families))]
    public void LogProbabilitiesAreThoseOfF32WithinItsRoundings(TinyWeights model)
    {
        Packed[] sequences = [.. Enumerable.Range(0, 8).Select(i => new Packed(model.Tokens((ulong)i, 30), i % 2))];
        using TinyEngine narrow = new(model, DType.BF16), wide = new(model);
        using AdapterSet narrowSet = narrow.Set(narrow.Adapter(1, 4, 8), narrow.Adapter(2, 8, 4)), wideSet = wide.Set(wide.Adapter(1, 4, 8), wide.Adapter(2, 8, 4));
        float[] actual = narrow.Scores(Plans.Scored(sequences), narrowSet), wanted = wide.Scores(Plans.Scored(sequences), wideSet);
        Assert.That(Distance.Largest(actual, wanted), Is.LessThan(WorstToken).And.GreaterThan(0));
        Assert.That(actual.Average(), Is.EqualTo(wanted.Average()).Within(Mean));
    }

    [TestCaseSource(typeof(TinyWeights), nameof(TinyWeights.Families))]
    public void TrainingLowersTheLossAsInF32(TinyWeights model)
    {
        double[] narrow = Losses(model, DType.BF16), wide = Losses(model, DType.F32);
        Assert.That(narrow[^1], Is.LessThan(0.5 * narrow[0]));
        Assert.That(narrow[0], Is.EqualTo(wide[0]).Within(2 * Mean));
        Assert.That(narrow[^1], Is.EqualTo(wide[^1]).Within(0.15 * wide[0]));
    }

    /// <summary>Thirty steps on the same two sequences.</summary>
    private static double[] Losses(TinyWeights model, DType type)
    {
        using TinyEngine engine = new(model, type);
        TrainingSequence[] batch = [new(model.Tokens(1, 12)), new(model.Tokens(2, 9))];
        OptimizerSettings settings = new() { LearningRate = 1e-2, Schedule = ScheduleShape.Constant };
        using AdapterTrainer trainer = new(engine.Transformer, [new TrainingJob(engine.Fresh(1, 4, 8), [.. Enumerable.Repeat(batch, 30)], settings)]);
        trainer.Run();
        return [.. trainer.History(0).Select(step => step.Loss)];
    }
}
