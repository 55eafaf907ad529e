using Seal.Kernels;

namespace Seal.Models.Tests.Engine;

/// <summary>Adapters that share every step learn what each learns alone.</summary>
public sealed class LockstepTests
{
    private const double Loss = 1e-5, FirstGradient = 1e-5, FinalWeights = 2e-3;

    [TestCaseSource(typeof(TinyWeights), nameof(TinyWeights.Families))]
    public void FourAdaptersTrainedTogetherEqualEachTrainedAlone(TinyWeights model)
    {
        using TinyEngine engine = new(model);
        TrainingJob[] jobs = Jobs(engine);
        Assert.That(jobs.Select(job => job.Steps), Is.EqualTo((int[])[10, 11, 12, 4]));
        using AdapterTrainer together = new(engine.Transformer, jobs);
        double[] gradients = [];
        together.Advance(() => gradients = engine.Wide(together.Adapters.Gradients));
        together.Run();
        for (int job = 0; job < jobs.Length; job++)
        {
            using AdapterTrainer alone = new(engine.Transformer, [jobs[job]]);
            double[] gradient = [];
            alone.Advance(() => gradient = engine.Wide(alone.Adapters.Gradients));
            alone.Run();
            (long offset, long count) = together.Adapters.Range(job);
            Assert.That(Distance.Relative(gradients.AsSpan((int)offset, (int)count), gradient), Is.LessThan(FirstGradient), $"job {job}");
            IReadOnlyList<TrainingStep> steps = together.History(job), wanted = alone.History(0);
            Assert.That(steps, Has.Count.EqualTo(jobs[job].Steps));
            Assert.That(steps[0].Loss, Is.EqualTo(wanted[0].Loss).Within(Loss), $"job {job}");
            Assert.That(steps.Select(step => step.Loss), Is.EqualTo(wanted.Select(step => step.Loss)).Within(1e-3), $"job {job}");
            Assert.That(steps.Select(step => step.LearningRate), Is.EqualTo(wanted.Select(step => step.LearningRate)), $"job {job}");
            Assert.That(steps.Select(step => step.GradientNorm), Is.EqualTo(wanted.Select(step => step.GradientNorm)).Within(0.1).Percent, $"job {job}");
            Assert.That(Distance.Relative(together.Adapter(job).Parameters, alone.Adapter(0).Parameters), Is.LessThan(FinalWeights), $"job {job}");
            Assert.That(Distance.Relative(jobs[job].Start.Parameters, alone.Adapter(0).Parameters), Is.GreaterThan(10 * FinalWeights), "it learned");
        }
    }

    [TestCase(DType.F32)]
    [TestCase(DType.BF16)]
    public void AnAdapterThatHasFinishedIsLeftAsItIs(DType type)
    {
        using TinyEngine engine = new(TinyWeights.Llama, type);
        TrainingJob[] jobs = Jobs(engine);
        using AdapterTrainer trainer = new(engine.Transformer, jobs);
        for (int batch = 0; batch < jobs[3].Batches.Count; batch++)
            trainer.Advance();
        float[] parameters = trainer.Adapter(3).Parameters;
        float[] state = State(engine, trainer.Adapters, slot: 3);
        trainer.Run();
        Assert.That(trainer.Adapter(3).Parameters, Is.EqualTo(parameters));
        Assert.That(State(engine, trainer.Adapters, slot: 3), Is.EqualTo(state));
        Assert.That(trainer.History(3), Has.Count.EqualTo(4));
        Assert.That(trainer.History(2), Has.Count.EqualTo(12));
    }

    /// <summary>A clip far below every gradient: AdamW does not see a gradient's length, but epsilon makes it feel such a one.</summary>
    [Test]
    public void EachAdapterIsClippedByItsOwnNorm()
    {
        using TinyEngine engine = new(TinyWeights.Llama);
        TrainingJob[] jobs = [.. ((double[])[0, 1e-8]).Select(clip => Job(engine, engine.Fresh(1, 2, 4), batches: 1, seed: 5,
            new OptimizerSettings { ClipNorm = clip, Schedule = ScheduleShape.Constant }))];
        using AdapterTrainer trainer = new(engine.Transformer, jobs);
        trainer.Run();
        Assert.That(trainer.History(0)[0].GradientNorm, Is.GreaterThan(0.01).And.EqualTo(trainer.History(1)[0].GradientNorm).Within(0.01).Percent);
        double free = Distance.Relative(trainer.Adapter(0).Parameters, jobs[0].Start.Parameters);
        Assert.That(Distance.Relative(trainer.Adapter(1).Parameters, jobs[1].Start.Parameters), Is.LessThan(0.5 * free).And.GreaterThan(0));
    }

    [Test]
    public void ProgressAndTokensAreCounted()
    {
        using TinyEngine engine = new(TinyWeights.Llama);
        TrainingJob[] jobs = [Job(engine, engine.Fresh(1, 2, 4), batches: 3, seed: 5, new OptimizerSettings()), Job(engine, engine.Fresh(1, 2, 4), batches: 2, seed: 6, new OptimizerSettings())];
        using AdapterTrainer trainer = new(engine.Transformer, jobs);
        var told = new List<int>();
        trainer.Run(told.Add);
        Assert.That(trainer.Batches, Is.EqualTo(3));
        Assert.That(told, Is.EqualTo((int[])[1, 2, 3]));
        Assert.That(trainer.Tokens, Is.EqualTo(jobs.Sum(job => job.Batches.Sum(batch => batch.Sum(sequence => sequence.Tokens.Length)))));
        Assert.That(trainer.Advance(), Is.False);
    }

    [Test]
    public void ACancelledRunStopsBetweenBatches()
    {
        using TinyEngine engine = new(TinyWeights.Llama);
        using AdapterTrainer trainer = new(engine.Transformer, [Job(engine, engine.Fresh(1, 2, 4), batches: 5, seed: 5, new OptimizerSettings())]);
        using CancellationTokenSource cancel = new();
        Assert.That(() => trainer.Run(done => { if (done == 2) cancel.Cancel(); }, cancel.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(trainer.History(0), Has.Count.EqualTo(2));
    }

    /// <summary>Different ranks, targets, schedules, accumulation, numbers of steps, clipping and decay; fresh and used adapters.</summary>
    internal static TrainingJob[] Jobs(TinyEngine engine) =>
    [
        Job(engine, engine.Fresh(1, 2, 4), batches: 10, seed: 100, new OptimizerSettings { LearningRate = 3e-3, Warmup = 2 }),
        Job(engine, engine.Adapter(2, 5, 10, LoraTarget.QProj, LoraTarget.VProj), batches: 21, seed: 200, new OptimizerSettings
        {
            LearningRate = 5e-3, Schedule = ScheduleShape.Constant, Accumulate = 2, ClipNorm = 0.01, WeightDecay = 0.1,
        }),
        Job(engine, engine.Adapter(3, 8, 8, LoraTarget.DownProj, LoraTarget.GateProj), batches: 36, seed: 300, new OptimizerSettings
        {
            LearningRate = 2e-3, Schedule = ScheduleShape.Cosine, Warmup = 3, Accumulate = 3, ClipNorm = 0, Beta2 = 0.99,
        }),
        Job(engine, engine.Adapter(4, 1, 3, LoraTarget.OProj, LoraTarget.KProj, LoraTarget.UpProj), batches: 4, seed: 400, new OptimizerSettings { LearningRate = 1e-2 }),
    ];

    private static TrainingJob Job(TinyEngine engine, LoraAdapter start, int batches, ulong seed, OptimizerSettings optimizer) =>
        new(start, [.. Enumerable.Range(0, batches).Select(batch => Sequences(engine.Model, seed + (ulong)(batch % 5)))], optimizer);

    /// <summary>One to three sequences of 4 to 15 tokens, some of whose first tokens do not count.</summary>
    private static TrainingSequence[] Sequences(TinyWeights model, ulong seed) =>
        [.. Enumerable.Range(0, 1 + (int)(seed % 3)).Select(i => new TrainingSequence(model.Tokens(seed * 10 + (ulong)i, 4 + (int)(seed + (ulong)(5 * i)) % 12), 1 + i))];

    private static float[] State(TinyEngine engine, AdapterSet set, int slot)
    {
        (long offset, long count) = set.Range(slot);
        return [.. ((DeviceBuffer[])[set.Parameters, set.FirstMoment, set.SecondMoment, set.Gradients]).SelectMany(buffer =>
        {
            float[] values = new float[count];
            engine.Operators.Read(AdapterSet.Part(buffer, offset, count), values);
            return values;
        })];
    }
}
