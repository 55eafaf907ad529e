using Seal.Kernels;
using Seal.Models;

namespace Seal.Cuda.Tests;

/// <summary>Training steps that are recorded and run as graphs, beside the same steps kernel by kernel.</summary>
public class StepGraphTests
{
    /// <summary>Sequences of other lengths in every batch, two batches to an optimizer step, batches of several passes, a job that ends early.</summary>
    [TestCase(DType.F32)]
    [TestCase(DType.BF16)]
    public void Results_are_the_same_bits_as_without_graphs(DType type)
    {
        (float[][] adapters, TrainingStep[][] history, StepCounts steps, long launches) recorded = Trained(type, graphs: true);
        (float[][] adapters, TrainingStep[][] history, StepCounts steps, long launches) eager = Trained(type, graphs: false);
        Assert.That(recorded.adapters, Is.EqualTo(eager.adapters));
        Assert.That(recorded.history, Is.EqualTo(eager.history));
        Assert.That(eager.steps, Is.EqualTo(default(StepCounts)));
        Assert.That(recorded.steps.Copies, Is.EqualTo(recorded.steps.Graphs + recorded.steps.Replays), "a copy a step");
        Assert.That(recorded.steps.Replays, Is.Positive);
        Assert.That(recorded.launches - eager.launches, Is.EqualTo(recorded.steps.Copies), "one more a step: zeros are a kernel");
    }

    [Test]
    public void Six_steps_of_one_bucket_are_one_graph()
    {
        NativeOperators operators = CudaBuild.RequireOperators(DType.F32, watched: false);
        using TinyStep step = new(operators, layers: 2, adapters: 2);
        for (int i = 0; i < 6; i++)
            step.Train();
        Assert.That(operators.Steps, Is.EqualTo(new StepCounts(Graphs: 1, Updates: 0, Replays: 5, Copies: 6)));
    }

    /// <summary>Row counts and adapters of a step are numbers that its kernels read: 33 to 48 rows are one bucket.</summary>
    [Test]
    public void Other_rows_and_adapters_of_the_bucket_have_the_same_graph()
    {
        using NativeOperators operators = CudaBuild.RequireOperators(DType.F32, watched: false);
        using TransformerWeights weights = TransformerWeights.Random(operators, TinyStep.Tiny, seed: 1);
        using Transformer transformer = new(operators, weights);
        // Of each job its batches' rows: 48, 33, 36 and 40 in a step, then 34 and 40 of one adapter. 20 and 34 rows of one adapter have more
        // tiles than there were before.
        int[][] rows = [[16, 16, 12, 20, 34, 40], [16, 16, 13, 20], [16, 1, 11]];
        TrainingJob[] jobs =
        [
            .. rows.Select((batches, job) => new TrainingJob(Adapter(job), [.. batches.Select(count => new[] { Sequence(count) })], new OptimizerSettings())),
        ];
        using AdapterTrainer trainer = new(transformer, jobs);
        while (trainer.Advance())
        {
        }
        Assert.That(operators.Steps, Is.EqualTo(new StepCounts(Graphs: 1, Updates: 2, Replays: 5, Copies: 6)));
    }

    [Test]
    public void Nothing_is_read_before_the_end()
    {
        using NativeOperators operators = CudaBuild.RequireOperators(DType.F32);
        using DeviceMemory memory = operators.Allocate(32);
        DeviceBuffer x = new(memory.Pointer, DType.F32, 1, 8, operators.Device);
        float[] read = new float[8];
        operators.Write([1, 2, 3, 4, 5, 6, 7, 8], x);
        using OperatorStep step = operators.Step(1);
        operators.Add(x, x);
        bool refused = false;
        try
        {
            operators.Read(x, read);
        }
        catch (SealException e)
        {
            refused = e.Message.Contains("end the step before", StringComparison.Ordinal);
        }
        step.End();
        operators.Read(x, read);
        Assert.That(refused);
        Assert.That(read, Is.EqualTo(new float[] { 2, 4, 6, 8, 10, 12, 14, 16 }));
    }

    /// <summary>An exception in the middle of a step: nothing of it is done, and the next goes through.</summary>
    [Test]
    public void A_step_that_is_left_leaves_the_engine_as_it_was()
    {
        using NativeOperators operators = CudaBuild.RequireOperators(DType.F32);
        using DeviceMemory memory = operators.Allocate(32);
        DeviceBuffer x = new(memory.Pointer, DType.F32, 1, 8, operators.Device);
        operators.Write([1, 2, 3, 4, 5, 6, 7, 8], x);
        Assert.That(() => Doubled(fail: true), Throws.TypeOf<NotSupportedException>());
        Assert.That(Read(), Is.EqualTo(new float[] { 1, 2, 3, 4, 5, 6, 7, 8 }));
        Doubled(fail: false);
        Assert.That(Read(), Is.EqualTo(new float[] { 2, 4, 6, 8, 10, 12, 14, 16 }));
        Assert.That(operators.Steps, Is.EqualTo(new StepCounts(1, 0, 0, 1)));

        void Doubled(bool fail)
        {
            using OperatorStep step = operators.Step(1);
            operators.Add(x, x);
            if (fail)
                throw new NotSupportedException();
            step.End();
        }

        float[] Read()
        {
            float[] values = new float[8];
            operators.Read(x, values);
            return values;
        }
    }

    private static (float[][] Adapters, TrainingStep[][] History, StepCounts Steps, long Launches) Trained(DType type, bool graphs)
    {
        using NativeOperators operators = CudaBuild.RequireOperators(type, watched: false, graphs);
        using TransformerWeights weights = TransformerWeights.Random(operators, TinyStep.Tiny, seed: 1);
        using Transformer transformer = new(operators, weights);
        TrainingJob[] jobs =
        [
            new(Adapter(0), [[Sequence(9)], [Sequence(5), Sequence(14)], [Sequence(8)], [Sequence(40)], [Sequence(9)]],
                new OptimizerSettings { Accumulate = 2 }),
            new(Adapter(1), [[Sequence(3)], [Sequence(30), Sequence(22)], [Sequence(4)]], new OptimizerSettings { LearningRate = 1e-2, WeightDecay = 0.1 }),
        ];
        using AdapterTrainer trainer = new(transformer, jobs, maxRows: 48);
        trainer.Run();
        return ([.. jobs.Select((_, job) => trainer.Adapter(job).Parameters)], [.. jobs.Select((_, job) => trainer.History(job).ToArray())],
            operators.Steps, operators.Launches);
    }

    private static LoraAdapter Adapter(int job) => LoraAdapter.Create(TinyStep.Tiny, new LoraSettings(4, 8, LoraTargets.All), (ulong)job);

    /// <summary>Of so many rows.</summary>
    private static TrainingSequence Sequence(int rows) => new([.. Enumerable.Range(0, rows + 1).Select(i => (7 * i + rows) % TinyStep.Tiny.Vocabulary)]);
}
