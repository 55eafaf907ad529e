using Seal.Kernels;
using Seal.Kernels.Ilgpu;

namespace Seal.Models.Tests.Engine;

/// <summary>
/// A tiny model on the kernels for GPUs, simulated: a forward pass and two training steps against libtorch in f32. Whole goldens take
/// minutes: <c>seal verify --backend ilgpu ../shared/goldens/llama-tied</c>.
/// </summary>
public sealed class IlgpuEngineTests
{
    [Test]
    public void ForwardAndTwoStepsAreLibtorchs()
    {
        using TinyEngine found = new(TinyWeights.Llama, IlgpuBackend.OpenSimulated(DType.F32));
        using TinyEngine wanted = new(TinyWeights.Llama);
        Assert.That(Distance.Largest(Logits(found), Logits(wanted)), Is.LessThan(1e-4));

        using AdapterTrainer trained = Trained(found), expected = Trained(wanted);
        for (int job = 0; job < 2; job++)
        {
            Assert.That(trained.History(job), Has.Count.EqualTo(2));
            for (int step = 0; step < 2; step++)
            {
                Assert.That(trained.History(job)[step].Loss, Is.EqualTo(expected.History(job)[step].Loss).Within(1e-5), $"job {job}, step {step}");
                Assert.That(trained.History(job)[step].GradientNorm, Is.EqualTo(expected.History(job)[step].GradientNorm).Within(0.1).Percent, $"job {job}, step {step}");
            }
            Assert.That(Distance.Relative(trained.Adapter(job).Parameters, expected.Adapter(job).Parameters), Is.LessThan(2e-4), $"job {job}");
        }
    }

    private static float[] Logits(TinyEngine engine) =>
        engine.Logits(Plans.Sampled(new Packed(engine.Model.Tokens(1, 11)), new Packed(engine.Model.Tokens(2, 5))));

    /// <summary>Two adapters of different rank in lockstep.</summary>
    private static AdapterTrainer Trained(TinyEngine engine)
    {
        TrainingJob Job(ulong seed, int rank) => new(
            engine.Fresh(seed, rank, 8),
            [.. Enumerable.Range(0, 2).Select(batch => new[] { new TrainingSequence(engine.Model.Tokens(seed + (ulong)batch, 9), LossFrom: 3) })],
            new OptimizerSettings());
        AdapterTrainer trainer = new(engine.Transformer, [Job(1, 4), Job(2, 3)]);
        trainer.Run();
        return trainer;
    }
}
