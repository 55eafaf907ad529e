using Seal.Kernels;
using Seal.Models.Benchmarks;
using Seal.Models.Tests.Engine;
using TorchSharp;

namespace Seal.Models.Tests.Benchmarks;

/// <summary>The opponent of the inner-step bench does the whole work, and does it right: it is held against the engine on the reference.</summary>
public class LibtorchStepTests
{
    private const int Rows = 140, Steps = 3; // rows of two attention blocks

    internal static ModelConfig Tiny { get; } = new()
    {
        Family = ModelFamily.Llama,
        Layers = 3,
        Hidden = 32,
        Intermediate = 48,
        Heads = 4,
        KvHeads = 2,
        HeadDim = 8,
        Vocabulary = 300,
        MaxPositions = 256,
        RmsNormEps = 1e-5,
        RopeTheta = 10000,
        TiedEmbedding = true,
    };

    // f32: rounding alone. bf16: a few times its 2^-9, over sums whose terms are rounded on both sides.
    [TestCase(DType.F32, 1e-5, 2e-3)]
    [TestCase(DType.BF16, 3e-2, 6e-2)]
    public void LossesAndGradientsAreThoseOfTheEngine(DType type, double lossTolerance, double gradientTolerance)
    {
        if (type == DType.BF16 && !Processor.ComputesBFloat16)
            Assert.Ignore("libtorch emulates bf16 here: the bench does not use it");
        LoraAdapter adapter = LoraAdapter.Create(Tiny, new LoraSettings(4, 8, LoraTargets.All), seed: 2);
        for (int i = 0; i < adapter.Parameters.Length; i++)
            if (adapter.Parameters[i] == 0)
                adapter.Parameters[i] = (float)(0.2 * (CounterRandom.Uniform(3, (ulong)i) - 0.5));
        var optimizer = new OptimizerSettings { ClipNorm = 0.5, WeightDecay = 0.01, Schedule = ScheduleShape.Constant };
        int[][] sequences = [.. Enumerable.Range(0, Steps).Select(step =>
            Enumerable.Range(0, Rows + 1).Select(i => (int)(CounterRandom.Uniform((ulong)step, (ulong)i) * Tiny.Vocabulary)).ToArray())];

        using var operators = new TorchOperators(Device.Host, DType.F32);
        using TransformerWeights weights = TransformerWeights.Random(operators, Tiny, seed: 1);
        using var transformer = new Transformer(operators, weights);
        using var trainer = new AdapterTrainer(transformer, [new TrainingJob(adapter, [.. sequences.Select(s => new[] { new TrainingSequence(s) })], optimizer)]);
        using var frozen = new LibtorchWeights(Tiny, type == DType.BF16 ? torch.ScalarType.BFloat16 : torch.ScalarType.Float32, rank: 4, seed: 1);
        using var step = new LibtorchStep(frozen, [adapter], optimizer);

        for (int i = 0; i < Steps; i++)
        {
            float[] expected = new float[adapter.Parameters.Length];
            trainer.Advance(beforeUpdate: () => operators.Read(trainer.Adapters.Gradients, expected));
            double loss = step.Run(0, sequences[i], optimizer.LearningRate);
            double norm = trainer.History(0)[i].GradientNorm;
            Assert.That(loss, Is.EqualTo(trainer.History(0)[i].Loss).Within(lossTolerance), $"loss of step {i}");
            Assert.That(step.LastNorm, Is.EqualTo(norm).Within(100 * gradientTolerance).Percent, $"gradient norm of step {i}");
            double clip = Math.Min(1, optimizer.ClipNorm / norm); // the update leaves the gradient clipped
            float[] gradient = step.Adapters[0].InAdapterOrder(step.Adapters[0].Gradients);
            Assert.That(Distance.Relative(gradient, [.. expected.Select(g => (float)(g * clip))]), Is.LessThan(gradientTolerance), $"gradient of step {i}");
        }
        float[] trained = step.Adapters[0].InAdapterOrder(step.Adapters[0].Parameters);
        Assert.That(Distance.Relative(trained, trainer.Adapter(0).Parameters), Is.LessThan(gradientTolerance), "parameters");
    }
}
