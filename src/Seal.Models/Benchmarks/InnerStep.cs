using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;
using Seal.Kernels;

namespace Seal.Models.Benchmarks;

/// <summary>One case as it was measured.</summary>
public sealed record InnerStepTime(string Backend, [property: JsonPropertyName("dtype")] DType DType, int Tokens, double MedianMs, double MinMs)
{
    public double TokensPerSecond => 1000 * Tokens / MedianMs;
}

/// <param name="Numerics">Library, instruction set and threads.</param>
/// <param name="Notes">What was not measured, and why.</param>
public sealed record InnerStepReport(string Numerics, IReadOnlyList<InnerStepTime> Times, IReadOnlyList<string> Notes)
{
    /// <summary>The times as a table, what they were measured with above it.</summary>
    public string Text()
    {
        var text = new StringBuilder().Append(Numerics).Append('\n');
        text.Append("| backend | dtype | tokens | median ms | min ms | tokens/s | x best libtorch |\n|---|---|---|---|---|---|---|\n");
        foreach (InnerStepTime t in Times)
            text.Append(CultureInfo.InvariantCulture, $"| {t.Backend,-7} | {t.DType.ToString().ToLowerInvariant(),-5} | {t.Tokens,6} | {t.MedianMs,9:F1} | {t.MinMs,6:F1} | {t.TokensPerSecond,8:F0} | {BestLibtorch(t.Tokens) / t.MedianMs,15:F2} |\n");
        foreach (string note in Notes)
            text.Append(note).Append('\n');
        return text.ToString();
    }

    /// <summary>Median of the faster libtorch type at this length: what the native step has to beat.</summary>
    private double BestLibtorch(int tokens) => Times.Where(t => t.Backend == "torch" && t.Tokens == tokens).Min(t => t.MedianMs);
}

/// <summary>
/// <c>inner-step</c>: what SEAL spends its time on, one optimizer step of a LoRA adapter on one short sequence. Cases are interleaved over
/// the repetitions, so that a machine that slows down or speeds up meets all of them.
/// </summary>
public static class InnerStep
{
    private const int WarmUps = 2;

    private static readonly int[] Lengths = [32, 64, 128, 512];

    /// <param name="config">The model's shapes; its weights are random.</param>
    /// <param name="repeats">Measured steps a case.</param>
    /// <param name="progress">Steps done and in all.</param>
    public static InnerStepReport Run(ModelConfig config, int repeats, Action<int, int>? progress = null, CancellationToken cancel = default)
    {
        DType[] types = Processor.ComputesBFloat16 ? [DType.F32, DType.BF16] : [DType.F32];
        var lanes = new List<Lane>();
        try
        {
            foreach (DType type in types)
            {
                lanes.Add(new Lane(config, new TorchOperators(Device.Host, type), WarmUps + repeats));
                lanes.Add(new Lane(config, new NativeOperators(type), WarmUps + repeats));
            }
            int done = 0, total = (WarmUps + repeats) * lanes.Count * Lengths.Length;
            for (int round = 0; round < WarmUps + repeats; round++)
                for (int length = 0; length < Lengths.Length; length++)
                    foreach (Lane lane in lanes)
                    {
                        cancel.ThrowIfCancellationRequested();
                        double milliseconds = lane.Step();
                        if (round >= WarmUps)
                            lane.Milliseconds[length].Add(milliseconds);
                        progress?.Invoke(++done, total);
                    }
            return new InnerStepReport(
                string.Join("; ", lanes.Select(lane => lane.Numerics).Distinct()),
                [.. lanes.SelectMany(lane => lane.Times())],
                Processor.ComputesBFloat16 ? [] : ["bf16: libtorch emulates bf16 here (no AVX512-BF16): not measured"]);
        }
        finally
        {
            lanes.ForEach(lane => lane.Dispose());
        }
    }

    /// <summary>One backend and element type: its model, and a training whose batches go round the lengths.</summary>
    private sealed class Lane : IDisposable
    {
        private readonly Operators _operators;
        private readonly TransformerWeights _weights;
        private readonly Transformer _transformer;
        private readonly AdapterTrainer _trainer;

        public Lane(ModelConfig config, Operators operators, int rounds)
        {
            _operators = operators;
            _weights = TransformerWeights.Random(_operators, config, seed: 1);
            _transformer = new Transformer(_operators, _weights);
            LoraAdapter adapter = LoraAdapter.Create(config, new LoraSettings(32, 64, LoraTargets.All), seed: 2);
            var batches = Enumerable.Range(0, rounds * Lengths.Length)
                .Select(i => new List<TrainingSequence> { Sequence(config, Lengths[i % Lengths.Length], (ulong)i) })
                .ToList();
            _trainer = new AdapterTrainer(_transformer, [new TrainingJob(adapter, batches, new OptimizerSettings())]);
        }

        public string Numerics => _operators.Numerics;

        public List<double>[] Milliseconds { get; } = [.. Lengths.Select(_ => new List<double>())];

        public double Step()
        {
            long start = Stopwatch.GetTimestamp();
            _trainer.Advance();
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        public IEnumerable<InnerStepTime> Times() => Lengths.Select((tokens, i) =>
        {
            double[] sorted = [.. Milliseconds[i].Order()];
            double median = (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
            return new InnerStepTime(_operators.Name, _operators.Activation, tokens, median, sorted[0]);
        });

        public void Dispose()
        {
            _trainer.Dispose();
            _transformer.Dispose();
            _weights.Dispose();
            _operators.Dispose();
        }

        // The last token is only ever a target: one more, so that the step has as many rows as it says.
        private static TrainingSequence Sequence(ModelConfig config, int rows, ulong seed) => new(
            [.. Enumerable.Range(0, rows + 1).Select(i => (int)(CounterRandom.Uniform(seed, (ulong)i) * config.Vocabulary))]);
    }
}
