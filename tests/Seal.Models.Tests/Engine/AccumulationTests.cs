using Seal.Kernels;

namespace Seal.Models.Tests.Engine;

/// <summary>What one optimizer step sees: a mean of batch means, however the batches are cut.</summary>
public sealed class AccumulationTests
{
    /// <summary>f32 sums in another order.</summary>
    private const double Rounding = 1e-5;

    private static readonly TinyWeights Model = TinyWeights.Qwen2;
    private TinyEngine _engine = null!;

    [OneTimeSetUp]
    public void Open() => _engine = new TinyEngine(Model);

    [OneTimeTearDown]
    public void Close() => _engine.Dispose();

    [Test]
    public void BatchesOfEqualCountAccumulatedAreOneLargeBatch()
    {
        TrainingSequence[] all = [.. Enumerable.Range(0, 6).Select(i => Sequence((ulong)i, 8))];
        FirstStep split = Step([all[..2], all[2..4], all[4..]], accumulate: 3), whole = Step([all], accumulate: 1);
        Assert.That(split.Loss, Is.EqualTo(whole.Loss).Within(Rounding));
        Assert.That(Distance.Relative(split.Gradient, whole.Gradient), Is.LessThan(Rounding));
        Assert.That(Distance.Relative(split.Weights, whole.Weights), Is.LessThan(1e-3));
    }

    /// <summary>Never one normaliser over all tokens: a batch of 3 tokens weighs as much as one of 20.</summary>
    [Test]
    public void BatchesOfUnequalCountAreAMeanOfMeans()
    {
        TrainingSequence[][] batches = [[Sequence(1, 4)], [Sequence(2, 21), Sequence(3, 9)], [Sequence(4, 6, lossFrom: 4)]];
        FirstStep together = Step(batches, accumulate: 3);
        FirstStep[] alone = [.. batches.Select(batch => Step([batch], accumulate: 1))];
        Assert.That(together.Loss, Is.EqualTo(alone.Average(step => step.Loss)).Within(Rounding));
        double[] mean = [.. Enumerable.Range(0, together.Gradient.Length).Select(i => alone.Average(step => step.Gradient[i]))];
        Assert.That(Distance.Relative(together.Gradient, mean), Is.LessThan(Rounding));
        Assert.That(together.Norm, Is.EqualTo(Math.Sqrt(mean.Sum(g => g * g))).Within(0.01).Percent);
    }

    [Test]
    public void ALastGroupOfFewerBatchesIsAMeanOfThose()
    {
        TrainingSequence[] last = [Sequence(9, 7)];
        OptimizerSettings still = Settings(accumulate: 2) with { LearningRate = 1e-12 }; // the weights stay, so steps can be compared
        using AdapterTrainer trainer = new(_engine.Transformer, [new TrainingJob(Start(), [[Sequence(1, 5)], [Sequence(2, 5)], last], still)]);
        trainer.Run();
        Assert.That(trainer.History(0), Has.Count.EqualTo(2));
        Assert.That(trainer.History(0)[1].Loss, Is.EqualTo(Step([last], accumulate: 1).Loss).Within(Rounding));
        Assert.That(trainer.History(0)[1].GradientNorm, Is.EqualTo(Step([last], accumulate: 1).Norm).Within(0.01).Percent);
    }

    [TestCase(1)]
    [TestCase(10)]
    [TestCase(17)]
    public void ABatchCutIntoPassesHasTheSameGradient(int maxRows)
    {
        TrainingSequence[] batch = [Sequence(1, 9), Sequence(2, 2), Sequence(3, 18), Sequence(4, 5, lossFrom: 3), Sequence(5, 12)];
        FirstStep cut = Step([batch], accumulate: 1, maxRows), whole = Step([batch], accumulate: 1);
        Assert.That(cut.Loss, Is.EqualTo(whole.Loss).Within(Rounding));
        Assert.That(Distance.Relative(cut.Gradient, whole.Gradient), Is.LessThan(Rounding));
    }

    [Test]
    public void ASequenceWithoutACountedTokenChangesNothing()
    {
        FirstStep with = Step([[Sequence(1, 6), new TrainingSequence([5]), Sequence(2, 4, lossFrom: 4), Sequence(3, 7)]], accumulate: 1);
        FirstStep without = Step([[Sequence(1, 6), Sequence(3, 7)]], accumulate: 1);
        Assert.That((with.Loss, with.Norm), Is.EqualTo((without.Loss, without.Norm)));
        Assert.That(with.Gradient, Is.EqualTo(without.Gradient));
    }

    /// <summary>The step's loss is −mean log-probability of the counted tokens, whatever their sequence.</summary>
    [Test]
    public void TheLossIsTheMeanOverTheBatchesCountedTokens()
    {
        TrainingSequence[] batch = [Sequence(1, 9, lossFrom: 4), Sequence(2, 3, lossFrom: 0)];
        var plan = new BatchPlan();
        foreach (TrainingSequence sequence in batch)
        {
            int start = plan.Add(sequence.Tokens, adapter: 0);
            for (int i = Math.Max(1, sequence.LossFrom); i < sequence.Tokens.Length; i++)
                plan.AddTarget(start + i - 1, sequence.Tokens[i], 1);
        }
        using AdapterSet set = _engine.Set(Start());
        float[] scores = _engine.Scores(plan, set);
        Assert.That(scores, Has.Length.EqualTo(5 + 2));
        Assert.That(Step([batch], accumulate: 1).Loss, Is.EqualTo(-scores.Average(score => (double)score)).Within(Rounding));
    }

    [TestCase(0, 1)]
    [TestCase(3, 3)]
    [TestCase(3, 7)]
    public void ABatchWithoutACountedTokenIsNamed(int tokens, int lossFrom)
    {
        TrainingSequence[] empty = tokens == 0 ? [] : [Sequence(1, tokens, lossFrom)];
        TrainingJob good = new(Start(), [[Sequence(1, 5)]], Settings(1)), bad = new(Start(), [[Sequence(1, 5)], [Sequence(2, 5)], empty], Settings(1));
        Assert.That(() => new AdapterTrainer(_engine.Transformer, [good, bad]),
            Throws.TypeOf<SealException>().With.Message.Contains("batch 2 of training job 1 has no counted token"));
    }

    private sealed record FirstStep(double Loss, double Norm, double[] Gradient, float[] Weights);

    private FirstStep Step(TrainingSequence[][] batches, int accumulate, int maxRows = 2048)
    {
        using AdapterTrainer trainer = new(_engine.Transformer, [new TrainingJob(Start(), batches, Settings(accumulate))], maxRows);
        double[] gradient = [];
        while (trainer.Advance(() => gradient = _engine.Wide(trainer.Adapters.Gradients)))
            continue;
        TrainingStep step = trainer.History(0).Single();
        return new FirstStep(step.Loss, step.GradientNorm, gradient, trainer.Adapter(0).Parameters);
    }

    private LoraAdapter Start() => _engine.Adapter(1, rank: 3, alpha: 6, LoraTargets.All);

    private static OptimizerSettings Settings(int accumulate) => new() { Accumulate = accumulate, Schedule = ScheduleShape.Constant };

    private static TrainingSequence Sequence(ulong seed, int length, int lossFrom = 1) => new(Model.Tokens(seed, length), lossFrom);
}
