using System.Globalization;
using Seal.Kernels.Cases;

namespace Seal.Kernels.Tests;

/// <summary>
/// Operator cases of random shapes, every one a function of a seed: odd sizes, single rows, ranks 0 to 128, GQA of 1:1 to 9:1, adapters
/// without rows, hundreds of segments and of sequences. SEAL_CASE_SEED moves on to others.
/// </summary>
internal sealed class RandomCases
{
    private static readonly int[] Ranks = [0, 1, 2, 3, 7, 8, 16, 31, 33, 64, 127, 128];

    private readonly ulong _seed;
    private ulong _drawn;

    private RandomCases(ulong seed) => _seed = seed;

    public static ulong Seed { get; } =
        ulong.TryParse(Environment.GetEnvironmentVariable("SEAL_CASE_SEED"), CultureInfo.InvariantCulture, out ulong seed) ? seed : 1;

    /// <summary>The cases of one round; the same for the same number.</summary>
    public static IEnumerable<OperatorCase> Round(int round)
    {
        RandomCases draw = new(CounterRandom.Derive(Seed, $"round {round}"));
        yield return draw.Lora(largestRank: 128, rows: 40);
        yield return draw.Lora(largestRank: 8, rows: 12);
        yield return draw.ManySegments();
        yield return draw.Attention(sequences: 6, longest: 80);
        yield return draw.ManySequences();
        yield return draw.Decode();
        yield return new RmsNormCase(draw.Size(40), draw.Odd(700), residual: draw.Whole(2) == 0);
        yield return new RopeCase(draw.Size(40), draw.Size(9), 2 * draw.Size(40));
        yield return new SwiGluCase(draw.Size(30), draw.Odd(900));
        yield return new EmbedCase(draw.Size(60), draw.Odd(130), draw.Size(500));
        yield return draw.Gather();
        yield return new LinearCrossEntropyCase(draw.Size(40), draw.Odd(150), 1 + draw.Size(1500), gain: 1 + draw.Whole(4));
        yield return new LogitsCase(draw.Size(20), draw.Odd(200), draw.Size(1200));
        yield return draw.AdamW();
        yield return new CastCase(draw.Size(30), draw.Odd(200));
        yield return new AddCase(draw.Size(30), draw.Odd(200));
    }

    /// <summary>Those whose slopes f32 can tell: small, and of no row that normalises to a constant.</summary>
    public static IEnumerable<OperatorCase> Differentiable(int round)
    {
        RandomCases draw = new(CounterRandom.Derive(Seed, $"slopes {round}"));
        yield return draw.Lora(largestRank: 128, rows: 10);
        yield return draw.ManySegments();
        yield return draw.Attention(sequences: 4, longest: 24);
        yield return new RmsNormCase(draw.Size(8), 8 + draw.Odd(60), residual: false);
        yield return new SwiGluCase(draw.Size(8), draw.Odd(60));
        yield return new LinearCrossEntropyCase(1 + draw.Size(8), 4 + draw.Odd(40), 20 + draw.Size(200), gain: 1);
    }

    private int Whole(int limit) => (int)(CounterRandom.Uniform(_seed, _drawn++) * limit);

    /// <summary>1 to the largest, small ones as likely as large ones; a tenth are 1.</summary>
    private int Size(int largest) => Whole(10) == 0 ? 1 : 1 + (int)(Math.Pow(largest, CounterRandom.Uniform(_seed, _drawn++)) - 1e-9);

    private int Odd(int largest) => Size(largest) | 1;

    private OperatorCase Lora(int largestRank, int rows)
    {
        int[] outputs = [.. Enumerable.Range(0, 1 + Whole(3)).Select(_ => Size(110))];
        int[] ranks = [.. Ranks.Where(rank => rank <= largestRank)];
        AdapterShape[] adapters = [.. Enumerable.Range(0, Size(7)).Select(_ => new AdapterShape(
            ranks[Whole(ranks.Length)], 0.25 + Whole(8), [.. Enumerable.Range(0, outputs.Length).Where(_ => Whole(3) > 0)]))];
        (int, int)[] segments = [.. Enumerable.Range(0, Size(8)).Select(_ => (Whole(adapters.Length + 1) - 1, Size(rows)))];
        return new LoraLinearCase($"random, {Told(adapters)} on {Told(segments)}", Size(150), outputs, Whole(2) == 0, adapters, segments);
    }

    private OperatorCase ManySegments()
    {
        int slots = 20 + Whole(40);
        AdapterShape[] adapters = [.. Enumerable.Range(0, slots).Select(_ => new AdapterShape(Whole(4), 1, [0]))];
        // A segment never continues the one before it.
        (int, int)[] segments = [.. Enumerable.Range(0, 200 + Whole(100)).Select(i => ((7 * i) % slots, 1 + Whole(2)))];
        return new LoraLinearCase($"{segments.Length} segments over {slots} adapters", Odd(40), [Odd(30)], false, adapters, segments);
    }

    private OperatorCase Attention(int sequences, int longest) =>
        new CausalAttentionCase(Heads(), [.. Enumerable.Range(0, Size(sequences)).Select(_ => Size(longest))]);

    /// <summary>
    /// Of one row or a few. Not of one row mostly, nor of heads of a few numbers: there all gradients of scores are 0, and what bf16's rounding
    /// of y leaves in their place has no other gradient's size to be measured by.
    /// </summary>
    private OperatorCase ManySequences() =>
        new CausalAttentionCase(Heads(smallest: 8), [.. Enumerable.Range(0, 200 + Whole(50)).Select(_ => 1 + Whole(8))]);

    private OperatorCase Decode() =>
        new DecodeAttentionCase(Heads(), [.. Enumerable.Range(0, Size(9)).Select(_ => Size(120) - 1)]);

    private AttentionShape Heads(int smallest = 1)
    {
        int kvHeads = 1 + Whole(3);
        return new AttentionShape(kvHeads * (1 + Whole(9)), kvHeads, Math.Max(smallest, Size(80)));
    }

    private OperatorCase Gather()
    {
        int rows = Size(60);
        return new GatherRowsCase(rows, Odd(100), [.. Enumerable.Range(0, rows).Where(_ => Whole(2) == 0).DefaultIfEmpty(rows - 1)]);
    }

    private OperatorCase AdamW()
    {
        int[] ranks = [.. Enumerable.Range(0, Size(6)).Select(_ => Whole(9))];
        int[] active = [.. Enumerable.Range(0, ranks.Length).Where(_ => Whole(3) > 0).DefaultIfEmpty(0)];
        return new AdamWCase(Size(80), Size(80), ranks, active, clip: Whole(2));
    }

    private static string Told(AdapterShape[] adapters) => string.Join(' ', adapters.Select(a => $"r{a.Rank}@{string.Join('+', a.Targets)}"));

    private static string Told((int Adapter, int Rows)[] segments) => string.Join(' ', segments.Select(s => $"{s.Adapter}:{s.Rows}"));
}
