using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;
using Seal.Kernels;

namespace Seal.Models.Benchmarks;

/// <summary>One batch size as it was measured.</summary>
/// <param name="MedianMs">Of a step: one more token of every sequence.</param>
/// <param name="BoundMs">What memory or arithmetic alone would take: max(bytes / bandwidth, FLOPs / peak).</param>
public sealed record DecodeTime(int Batch, double MedianMs, double MinMs, double BoundMs)
{
    public double TokensPerSecond => 1000 * Batch / MedianMs;

    /// <summary>Median over bound.</summary>
    public double Factor => MedianMs / BoundMs;
}

/// <param name="Numerics">Library and instruction set.</param>
/// <param name="WeightBytes">What a step reads of the weights.</param>
/// <param name="Context">Cached tokens of a sequence over the measured steps, from and to.</param>
public sealed record DecodeReport(
    string Model, string Backend, [property: JsonPropertyName("dtype")] DType DType, string Numerics, MachinePeaks Peaks, long WeightBytes, (int From, int To) Context,
    IReadOnlyList<DecodeTime> Times)
{
    /// <summary>The times as a table, what they were measured with above it.</summary>
    public string Text()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Model}, {Backend} {DType.ToString().ToLowerInvariant()} ({Numerics}); {WeightBytes / 1e6:F1} MB of weights a step, {Context.From} to {Context.To} cached tokens a sequence; ");
        text.Append(CultureInfo.InvariantCulture, $"measured: {Peaks.DramGbps:F1} GB/s, {Peaks.Gflops(DType):F0} GFLOP/s\n");
        text.Append("| batch | median ms/step | min ms | tokens/s | bound ms | x bound |\n|---|---|---|---|---|---|\n");
        foreach (DecodeTime t in Times)
            text.Append(CultureInfo.InvariantCulture, $"| {t.Batch,5} | {t.MedianMs,14:F2} | {t.MinMs,6:F2} | {t.TokensPerSecond,8:F0} | {t.BoundMs,8:F2} | {t.Factor,7:F2} |\n");
        return text.ToString();
    }
}

/// <summary>
/// <c>decode</c>: a model's tokens a second, everything included, as <see cref="Generator"/> makes them: greedy, without an adapter, each
/// sequence after a prompt of its own. Batch sizes take turns, so that a machine that slows down or speeds up meets all of them.
/// </summary>
public static class Decode
{
    private const int PromptTokens = 32, WarmUps = 8, Steps = 40;

    /// <param name="path">A model's folder or file.</param>
    /// <param name="batches">Numbers of sequences.</param>
    /// <param name="rounds">Runs of each batch size, <see cref="Steps"/> measured steps each.</param>
    /// <param name="progress">Runs done and in all.</param>
    /// <exception cref="SealException">The model cannot be used.</exception>
    public static DecodeReport Run(
        string path, Operators operators, IReadOnlyList<int> batches, int rounds, Action<int, int>? progress = null, CancellationToken cancel = default)
    {
        using LanguageModel model = LanguageModel.Open(path, operators);
        MachinePeaks peaks = MachinePeaks.Measure();
        var times = batches.Select(_ => new List<double>()).ToArray();
        for (int round = 0; round < rounds; round++)
            for (int i = 0; i < batches.Count; i++)
            {
                Measure(model, batches[i], times[i], cancel);
                progress?.Invoke(round * batches.Count + i + 1, rounds * batches.Count);
            }
        (long bytes, long weights) = model.Weights.PerStep();
        return new DecodeReport(
            Path.GetFileName(path), operators.Name, operators.Activation, operators.Numerics, peaks, bytes, (PromptTokens + WarmUps, PromptTokens + WarmUps + Steps),
            [.. batches.Select((batch, i) => Time(batch, times[i], bytes, weights, peaks, operators.Activation))]);
    }

    private static void Measure(LanguageModel model, int batch, List<double> milliseconds, CancellationToken cancel)
    {
        GenerationRequest[] requests = [.. Enumerable.Range(0, batch).Select(i => new GenerationRequest(
            Prompt(model.Config, (ulong)i), WarmUps + Steps, SamplingSettings.Greedy, IgnoreEnd: true))];
        int steps = 0;
        long last = 0;
        new Generator(model.Transformer, tokenizer: null, maxSequences: batch, maxRows: int.MaxValue).Run(requests, null, _ =>
        {
            long now = Stopwatch.GetTimestamp();
            if (++steps > WarmUps)
                milliseconds.Add(Stopwatch.GetElapsedTime(last, now).TotalMilliseconds);
            last = now;
        }, cancel);
    }

    private static DecodeTime Time(int batch, List<double> milliseconds, long bytes, long weights, MachinePeaks peaks, DType type)
    {
        double[] sorted = [.. milliseconds.Order()];
        double median = (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
        double bound = Math.Max(bytes / peaks.DramGbps, 2.0 * weights * batch / peaks.Gflops(type)) / 1e6;
        return new DecodeTime(batch, median, sorted[0], bound);
    }

    private static int[] Prompt(ModelConfig config, ulong seed) =>
        [.. Enumerable.Range(0, PromptTokens).Select(i => (int)(CounterRandom.Uniform(seed, (ulong)i) * config.Vocabulary))];
}
