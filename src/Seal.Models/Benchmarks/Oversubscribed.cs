using System.Diagnostics;
using Seal.Kernels;

namespace Seal.Models.Benchmarks;

/// <summary>How long the same training steps take of several engines one after the other, and of all at once.</summary>
/// <param name="Threads">Of each engine.</param>
/// <param name="Steps">Of each engine, 64 tokens each.</param>
public sealed record OversubscribedReport(string Numerics, DType DType, int Engines, int Threads, int Steps, double InTurnMs, double AtOnceMs)
{
    /// <summary>1 where engines that compete for the cores lose nothing by it.</summary>
    public double Slowdown => AtOnceMs / InTurnMs;
}

/// <summary><c>oversubscribed</c>: what engines lose that have more threads together than the machine has cores.</summary>
public static class Oversubscribed
{
    private const int Tokens = 64, WarmUps = 2;

    /// <param name="config">The model's shapes; its weights are random, and shared by the engines.</param>
    /// <param name="type">F32 or BF16.</param>
    /// <param name="engines">How many compete.</param>
    /// <param name="threads">Of each engine; 0 as the engine chooses.</param>
    /// <param name="steps">Measured steps an engine.</param>
    public static OversubscribedReport Run(ModelConfig config, DType type, int engines, int threads, int steps)
    {
        using NativeOperators first = new(type, threads);
        using TransformerWeights weights = TransformerWeights.Random(first, config, seed: 1);
        weights.Rope.For(Tokens + 1); // grown here, so that no engine grows it beside another
        Lane[] lanes = [.. Enumerable.Range(0, engines).Select(i => new Lane(new NativeOperators(type, threads), weights, (ulong)i, WarmUps + 2 * steps))];
        try
        {
            foreach (Lane lane in lanes)
                lane.Advance(WarmUps);
            long start = Stopwatch.GetTimestamp();
            foreach (Lane lane in lanes)
                lane.Advance(steps);
            double inTurn = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            Thread[] callers = [.. lanes.Select(lane => new Thread(() => lane.Advance(steps)))];
            start = Stopwatch.GetTimestamp();
            foreach (Thread caller in callers)
                caller.Start();
            foreach (Thread caller in callers)
                caller.Join();
            double atOnce = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            return new OversubscribedReport(first.Numerics, type, engines, first.Threads, steps, inTurn, atOnce);
        }
        finally
        {
            foreach (Lane lane in lanes)
                lane.Dispose();
        }
    }

    /// <summary>One engine on the shared weights, with a training of its own.</summary>
    private sealed class Lane : IDisposable
    {
        private readonly Operators _operators;
        private readonly Transformer _transformer;
        private readonly AdapterTrainer _trainer;

        public Lane(Operators operators, TransformerWeights weights, ulong seed, int steps)
        {
            _operators = operators;
            _transformer = new Transformer(operators, weights);
            ModelConfig config = weights.Config;
            int[] tokens = [.. Enumerable.Range(0, Tokens + 1).Select(i => (int)(CounterRandom.Uniform(seed, (ulong)i) * config.Vocabulary))];
            TrainingSequence[][] batches = [.. Enumerable.Range(0, steps).Select(_ => new[] { new TrainingSequence(tokens) })];
            _trainer = new AdapterTrainer(_transformer, [new TrainingJob(LoraAdapter.Create(config, new LoraSettings(32, 64, LoraTargets.All), seed), batches, new OptimizerSettings())]);
        }

        public void Advance(int steps)
        {
            for (int step = 0; step < steps; step++)
                _trainer.Advance();
        }

        public void Dispose()
        {
            _trainer.Dispose();
            _transformer.Dispose();
            _operators.Dispose();
        }
    }
}
