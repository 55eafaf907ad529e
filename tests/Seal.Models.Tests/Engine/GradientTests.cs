using Seal.Kernels;

namespace Seal.Models.Tests.Engine;

/// <summary>The written-out backward pass against torch's autograd and against finite differences.</summary>
public sealed class GradientTests
{
    /// <summary>Both sum the same f64 terms in another order; the norms' divisions magnify that by a few hundred units.</summary>
    private const double InDouble = 1e-9;

    /// <summary>f32 roundings of a few layers.</summary>
    private const double InSingle = 1e-4;

    /// <summary>Central differences with h = 1e-5: truncation h²·f‴/6 and rounding 1e-16/h are near 1e-10 of a gradient near 1.</summary>
    private const double FiniteDifference = 1e-7;

    private static readonly LoraTarget[][] TargetChoices =
    [
        [.. LoraTargets.All],
        [LoraTarget.QProj, LoraTarget.VProj],
        [LoraTarget.DownProj],
        [LoraTarget.OProj, LoraTarget.UpProj],
        [LoraTarget.KProj, LoraTarget.GateProj],
    ];

    private static IEnumerable<TestCaseData> ModelsAndTargets =>
        from model in TinyWeights.Families
        from targets in TargetChoices
        select new TestCaseData(model, targets).SetArgDisplayNames(model.Family, string.Join("+", targets));

    [TestCaseSource(nameof(ModelsAndTargets))]
    public void InDoubleTheyAreAutogradsToNineDigits(TinyWeights model, LoraTarget[] targets) => CompareWithAutograd(model, targets, DType.F64, InDouble);

    [TestCaseSource(nameof(ModelsAndTargets))]
    public void InSingleTheyAreAutogradsWithinRounding(TinyWeights model, LoraTarget[] targets) => CompareWithAutograd(model, targets, DType.F32, InSingle);

    [TestCaseSource(typeof(TinyWeights), nameof(TinyWeights.Families))]
    public void ParameterByParameterTheyAreTheSlopeOfTheLoss(TinyWeights model)
    {
        const double h = 1e-5;
        using TinyEngine engine = new(model, DType.F64);
        LoraAdapter adapter = engine.Adapter(11, rank: 2, alpha: 4, LoraTargets.All);
        int[] tokens = model.Tokens(3, 9);
        using AdapterSet set = engine.Set(adapter);
        double[] gradient = engine.Gradients(Plans.Scored(new Packed(tokens, 0)), set);
        using PlainTransformer plain = new(model, adapter);
        double scale = Math.Sqrt(gradient.Sum(g => g * g) / gradient.Length);
        // Every 37th parameter, so that no factor of any layer is left out.
        for (int i = 0; i < gradient.Length; i += 37)
        {
            plain.Shift(i, h);
            double above = plain.Loss(tokens).item<double>();
            plain.Shift(i, -2 * h);
            double below = plain.Loss(tokens).item<double>();
            plain.Shift(i, h);
            Assert.That(gradient[i], Is.EqualTo((above - below) / (2 * h)).Within(FiniteDifference * Math.Max(1, scale)), $"parameter {i}");
        }
    }

    /// <summary>The engine's own loss, moved along its own gradient g by ±h: the slope is |g|.</summary>
    [TestCaseSource(typeof(TinyWeights), nameof(TinyWeights.Families))]
    public void AlongTheGradientTheEnginesOwnLossRisesByItsNorm(TinyWeights model)
    {
        // Log-probabilities are read as f32: 1e-7 of them over a step of 4e-3.
        const double h = 2e-3, limit = 1e-3;
        using TinyEngine engine = new(model, DType.F64);
        using AdapterSet set = engine.Set(engine.Adapter(12, rank: 3, alpha: 3, LoraTargets.All));
        BatchPlan plan = Plans.Scored(new Packed(model.Tokens(4, 17), 0), new Packed(model.Tokens(5, 6), 0));
        double[] gradient = engine.Gradients(plan, set);
        double norm = Math.Sqrt(gradient.Sum(g => g * g));
        double slope = (LossAt(h) - LossAt(-h)) / (2 * h);
        Assert.That(slope / norm, Is.EqualTo(1).Within(limit));

        double LossAt(double step)
        {
            Span<double> parameters = set.Parameters.AsSpan<double>();
            for (int i = 0; i < gradient.Length; i++)
                parameters[i] += step * gradient[i] / norm;
            float[] scores = engine.Scores(plan, set);
            for (int i = 0; i < gradient.Length; i++)
                parameters[i] -= step * gradient[i] / norm;
            return -scores.Zip(plan.Weights.AsSpan<float>().ToArray(), (score, weight) => (double)score * weight).Sum();
        }
    }

    /// <summary>Two adapters and the bare base in one pack; each adapter's gradient is that of its own sequences.</summary>
    private static void CompareWithAutograd(TinyWeights model, LoraTarget[] targets, DType type, double limit)
    {
        using TinyEngine engine = new(model, type);
        LoraAdapter[] adapters = [engine.Adapter(1, rank: 3, alpha: 5, targets), engine.Adapter(2, rank: 5, alpha: 2, LoraTargets.All)];
        Packed[] sequences =
            [new(model.Tokens(6, 7), 0), new(model.Tokens(7, 1), 0), new(model.Tokens(8, 5)), new(model.Tokens(9, 19), 1), new(model.Tokens(10, 2), 0)];
        using AdapterSet set = engine.Set(adapters);
        BatchPlan plan = Plans.Scored(sequences);
        double[] gradients = engine.Gradients(plan, set);
        float[] scores = engine.Scores(plan, set);
        for (int slot = 0; slot < adapters.Length; slot++)
        {
            using PlainTransformer plain = new(model, adapters[slot]);
            foreach (Packed sequence in sequences.Where(sequence => sequence.Adapter == slot))
            {
                plain.Loss(sequence.Tokens).backward();
                float[] wanted = [.. plain.LogProbabilities(sequence.Tokens).Select(value => (float)value)];
                int start = sequences.TakeWhile(other => other != sequence).Sum(other => other.Tokens.Length);
                Assert.That(Distance.Largest(scores.AsSpan(start, wanted.Length), wanted), Is.LessThan(1e-5));
            }
            (long offset, long count) = set.Range(slot);
            Assert.That(Distance.Relative(gradients.AsSpan((int)offset, (int)count), plain.Gradient()), Is.LessThan(limit), $"adapter {slot}");
        }
    }
}
