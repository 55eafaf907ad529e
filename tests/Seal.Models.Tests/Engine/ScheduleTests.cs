using Seal.Kernels;

namespace Seal.Models.Tests.Engine;

public sealed class ScheduleTests
{
    [TestCase(ScheduleShape.Constant, 0, new[] { 1.0, 1, 1, 1, 1 })]
    [TestCase(ScheduleShape.Constant, 2, new[] { 0, 0.5, 1, 1, 1 })]
    [TestCase(ScheduleShape.Linear, 0, new[] { 1, 0.8, 0.6, 0.4, 0.2 })]
    [TestCase(ScheduleShape.Linear, 1, new[] { 0, 1, 0.75, 0.5, 0.25 })]
    [TestCase(ScheduleShape.Linear, 4, new[] { 0, 0.25, 0.5, 0.75, 1 })]
    [TestCase(ScheduleShape.Linear, 10, new[] { 0, 0.1, 0.2, 0.3, 0.4 })]
    [TestCase(ScheduleShape.Cosine, 1, new[] { 0, 1, 0.85355339059327376, 0.5, 0.14644660940672624 })]
    public void FiveStepsFollowTheFormula(ScheduleShape shape, int warmup, double[] shares)
    {
        var schedule = new LearningRateSchedule(shape, Peak: 3e-4, warmup, Steps: 5);
        Assert.That(Enumerable.Range(0, 5).Select(schedule.At), Is.EqualTo(shares.Select(share => 3e-4 * share)).Within(1e-15));
    }

    [Test]
    public void CosineStartsAtThePeakAndPassesItsHalfInTheMiddle()
    {
        var schedule = new LearningRateSchedule(ScheduleShape.Cosine, Peak: 2, Warmup: 0, Steps: 8);
        Assert.That(schedule.At(0), Is.EqualTo(2));
        Assert.That(schedule.At(4), Is.EqualTo(1).Within(1e-15));
        Assert.That(schedule.At(2), Is.EqualTo(1 + Math.Sqrt(0.5)).Within(1e-15));
    }

    [Test]
    public void BeyondItsStepsARateIsNeverNegative([Values] ScheduleShape shape)
    {
        var schedule = new LearningRateSchedule(shape, Peak: 1, Warmup: 0, Steps: 4);
        Assert.That(Enumerable.Range(4, 10).Select(schedule.At), Has.All.InRange(0.0, 1.0));
    }

    private static IEnumerable<TestCaseData> BadOptimizers
    {
        get
        {
            OptimizerSettings good = new();
            yield return new TestCaseData("optimizer.learning_rate is 0", good with { LearningRate = 0 });
            yield return new TestCaseData("optimizer.learning_rate is NaN", good with { LearningRate = double.NaN });
            yield return new TestCaseData("optimizer.beta1 is 1", good with { Beta1 = 1 });
            yield return new TestCaseData("optimizer.beta2 is -0.5", good with { Beta2 = -0.5 });
            yield return new TestCaseData("optimizer.epsilon is 0", good with { Epsilon = 0 });
            yield return new TestCaseData("optimizer.epsilon is Infinity", good with { Epsilon = double.PositiveInfinity });
            yield return new TestCaseData("optimizer.weight_decay is -1", good with { WeightDecay = -1 });
            yield return new TestCaseData("optimizer.clip_norm is -1", good with { ClipNorm = -1 });
            yield return new TestCaseData("optimizer.warmup is -1", good with { Warmup = -1 });
            yield return new TestCaseData("optimizer.accumulate is 0", good with { Accumulate = 0 });
        }
    }

    [TestCaseSource(nameof(BadOptimizers))]
    public void ASettingOutOfRangeIsNamed(string complaint, OptimizerSettings settings)
    {
        Assert.That(() => settings.Validated(), Throws.TypeOf<SealException>().With.Message.StartsWith(complaint + "; expected "));
        Assert.That(new OptimizerSettings().Validated(), Is.EqualTo(new OptimizerSettings()));
    }

    [TestCase("lora.rank is 0", 0, 1.0)]
    [TestCase("lora.rank is 1025", 1025, 1.0)]
    [TestCase("lora.alpha is 0", 4, 0.0)]
    [TestCase("lora.alpha is NaN", 4, double.NaN)]
    [TestCase("lora.targets", 4, 8.0)]
    [TestCase("lora.targets", 4, 8.0, LoraTarget.QProj, LoraTarget.VProj, LoraTarget.QProj)]
    public void AnAdapterSettingOutOfRangeIsNamed(string complaint, int rank, double alpha, params LoraTarget[] targets)
    {
        Assert.That(() => new LoraSettings(rank, alpha, targets).Validated(), Throws.TypeOf<SealException>().With.Message.StartsWith(complaint));
        Assert.That(() => new LoraSettings(4, 8, [LoraTarget.QProj]).Validated(), Throws.Nothing);
    }

    [Test]
    public void AnUnknownTargetIsNamedWithThoseThereAre() =>
        Assert.That(() => LoraTargets.Parse("lm_head"), Throws.TypeOf<SealException>().With.Message.Contains("'lm_head'").And.Message.Contains("q_proj, k_proj"));

    [Test]
    public void TheTrainerRefusesSettingsBeforeItStarts()
    {
        using TinyEngine engine = new(TinyWeights.Llama);
        TrainingJob job = new(engine.Fresh(1, 2, 4), [[new TrainingSequence([1, 2])]], new OptimizerSettings { LearningRate = -1 });
        Assert.That(() => new AdapterTrainer(engine.Transformer, [job]), Throws.TypeOf<SealException>().With.Message.StartsWith("optimizer.learning_rate is -1"));
    }
}
