using Seal.Kernels;

namespace Seal.Models.Tests.Engine;

/// <summary>Sequences packed end to end, each under its own adapter, give what each gives by itself.</summary>
public sealed class PackingTests
{
    /// <summary>libtorch splits sums by the shape of the whole batch: a few f32 roundings a layer, of logits up to 10.</summary>
    private const double Rounding = 2e-5;

    private const double InDouble = 1e-12;

    private static IEnumerable<TestCaseData> ModelsAndTypes =>
        from model in TinyWeights.Families
        from type in (DType[])[DType.F32, DType.F64]
        select new TestCaseData(model, type);

    [TestCaseSource(nameof(ModelsAndTypes))]
    public void LogitsAndLogProbabilitiesAreThoseOfEachSequenceAlone(TinyWeights model, DType type)
    {
        using TinyEngine engine = new(model, type);
        using AdapterSet set = Adapters(engine);
        Packed[] sequences = Sequences(model);
        float[] logits = engine.Logits(Plans.Sampled(sequences), set), scores = engine.Scores(Plans.Scored(sequences), set);
        float[] logitsAlone = [.. sequences.SelectMany(sequence => engine.Logits(Plans.Sampled(sequence), set))];
        float[] scoresAlone = [.. sequences.SelectMany(sequence => engine.Scores(Plans.Scored(sequence), set))];
        // Both leave the engine as f32: in f64 they may differ by the last rounding alone.
        double limit = type == DType.F32 ? Rounding : 2e-6;
        Assert.That(Distance.Largest(logits, logitsAlone), Is.LessThan(limit));
        Assert.That(Distance.Largest(scores, scoresAlone), Is.LessThan(limit));
        Assert.That(scores, Has.All.LessThan(0f));
    }

    [TestCaseSource(nameof(ModelsAndTypes))]
    public void ThePacksGradientIsTheSumOfTheSingleOnes(TinyWeights model, DType type)
    {
        using TinyEngine engine = new(model, type);
        using AdapterSet set = Adapters(engine);
        Packed[] sequences = Sequences(model);
        double[] packed = engine.Gradients(Plans.Scored(sequences), set);
        double[] sum = new double[packed.Length];
        foreach (Packed sequence in sequences)
            sum = [.. sum.Zip(engine.Gradients(Plans.Scored(sequence), set), (a, b) => a + b)];
        Assert.That(Distance.Relative(packed, sum), Is.LessThan(type == DType.F32 ? Rounding : InDouble));
    }

    [Test]
    public void ASequenceUnderOneAdapterTouchesNoOtherAdaptersGradient()
    {
        using TinyEngine engine = new(TinyWeights.Qwen2, DType.F64);
        using AdapterSet set = Adapters(engine);
        double[] gradients = engine.Gradients(Plans.Scored(new Packed(TinyWeights.Qwen2.Tokens(1, 9), 1), new Packed(TinyWeights.Qwen2.Tokens(2, 9))), set);
        (long offset, long count) = set.Range(1);
        Assert.That(gradients.Take((int)offset), Has.All.Zero);
        Assert.That(gradients.Skip((int)(offset + count)), Has.All.Zero);
        Assert.That(gradients, Has.Some.Not.Zero);
    }

    [Test]
    public void SegmentsOfOneAdapterMayLieApart()
    {
        TinyWeights model = TinyWeights.Llama;
        using TinyEngine engine = new(model, DType.F64);
        using AdapterSet set = Adapters(engine);
        Packed[] apart = [new(model.Tokens(1, 4), 0), new(model.Tokens(2, 3), 1), new(model.Tokens(3, 4), 0), new(model.Tokens(4, 5)), new(model.Tokens(5, 2), 1)];
        Packed[] sorted = [.. apart.OrderBy(sequence => sequence.Adapter)];
        Assert.That(Distance.Relative(engine.Gradients(Plans.Scored(apart), set), engine.Gradients(Plans.Scored(sorted), set)), Is.LessThan(InDouble));
    }

    /// <summary>The table of rotations starts with 512 positions and grows.</summary>
    [Test]
    public void ASequenceLongerThanAllBeforeItIsScoredAsOnAFreshEngine()
    {
        TinyWeights model = TinyWeights.Llama;
        BatchPlan longer = Plans.Scored(new Packed(model.Tokens(1, 700)));
        using TinyEngine used = new(model), fresh = new(model);
        used.Scores(Plans.Scored(new Packed(model.Tokens(2, 5))));
        Assert.That(used.Scores(longer), Is.EqualTo(fresh.Scores(longer)));
    }

    [Test]
    public void MoreTokensThanTheModelHasPositionsAreRefused()
    {
        TinyWeights model = TinyWeights.Llama with { Positions = 32 };
        using TinyEngine engine = new(model);
        Assert.That(() => engine.Scores(Plans.Scored(new Packed(model.Tokens(1, 32)))), Throws.Nothing);
        Assert.That(() => engine.Scores(Plans.Scored(new Packed(model.Tokens(1, 33)))),
            Throws.TypeOf<SealException>().With.Message.Contains("33 tokens").And.Message.Contains("32 positions"));
    }

    [TestCase(96)]
    [TestCase(-1)]
    public void ATokenOutsideTheVocabularyIsRefused(int token)
    {
        using TinyEngine engine = new(TinyWeights.Llama);
        Assert.That(() => engine.Logits(Plans.Sampled(new Packed([3, token, 4]))),
            Throws.TypeOf<SealException>().With.Message.Contains($"token {token} ").And.Message.Contains("vocabulary of 96"));
    }

    [Test]
    public void ATargetOutsideTheVocabularyIsRefused()
    {
        using TinyEngine engine = new(TinyWeights.Llama);
        BatchPlan plan = new();
        plan.Add([1, 2]);
        plan.AddTarget(1, 96, 1);
        Assert.That(() => engine.Scores(plan), Throws.TypeOf<SealException>().With.Message.Contains("token 96 "));
    }

    private static AdapterSet Adapters(TinyEngine engine) => engine.Set(
        engine.Adapter(1, rank: 4, alpha: 8, LoraTargets.All),
        engine.Adapter(2, rank: 7, alpha: 3, LoraTarget.QProj, LoraTarget.VProj),
        engine.Adapter(3, rank: 1, alpha: 1, LoraTarget.DownProj, LoraTarget.KProj));

    /// <summary>Lengths 1 and 2, equal neighbours (which attention takes as one batch), and some that are longer.</summary>
    private static Packed[] Sequences(TinyWeights model) =>
    [
        new(model.Tokens(1, 5), 0), new(model.Tokens(2, 1), 0), new(model.Tokens(3, 2), 1), new(model.Tokens(4, 17)), new(model.Tokens(5, 17)),
        new(model.Tokens(6, 1)), new(model.Tokens(7, 33), 2), new(model.Tokens(8, 33), 2), new(model.Tokens(9, 2), 2), new(model.Tokens(10, 1), 1),
    ];
}
