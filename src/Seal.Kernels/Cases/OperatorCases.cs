namespace Seal.Kernels.Cases;

/// <summary>The project's one list of operator cases: every backend is tested, and measured, on these.</summary>
public static class OperatorCases
{
    public static IReadOnlyList<OperatorCase> All { get; } =
    [
        new EmbedCase(1, 1, 1),
        new EmbedCase(37, 65, 301),

        new RmsNormCase(1, 1, residual: false),
        new RmsNormCase(1, 576, residual: true),
        new RmsNormCase(7, 33, residual: true),
        new RmsNormCase(130, 64, residual: false), // per head
        new RmsNormCase(19, 1024, residual: true),
        new RmsNormCase(16, 576, residual: true), // few enough rows to be streamed from thread to thread
        new RmsNormCase(16, 521, residual: false),

        .. LoraLinears(),

        new QuantizedLinearCase(BlockType.Q4_0, 32, [1], null, -1),
        new QuantizedLinearCase(BlockType.Q4_0, 96, [33, 15, 16], null, [.. Enumerable.Repeat(-1, 7)]),
        new QuantizedLinearCase(BlockType.Q4_1, 576, [576, 192, 192], null, -1),
        new QuantizedLinearCase(BlockType.Q4_1, 1536, [100], null, [.. Enumerable.Repeat(-1, 16)]),
        new QuantizedLinearCase(BlockType.Q4_1, 64, [47, 20], [On(5, 2, 0, 1), On(32, 0.5, 1)], -1, 0, 0, 1, 0, -1, 1),
        new QuantizedLinearCase(BlockType.Q4_1, 96, [47, 47], [On(5, 2, 0, 1)], 0, -1, 0),
        new QuantizedLinearCase(BlockType.Q4_1, 64, [96, 96], null, [.. Enumerable.Repeat(-1, 16)]),
        new QuantizedLinearCase(BlockType.Q4_0, 32, [47, 47], null, [.. Enumerable.Repeat(-1, 9)]),
        new QuantizedLinearCase(BlockType.Q8_0, 64, [100, 100], null, [.. Enumerable.Repeat(-1, 21)]),
        new QuantizedLinearCase(BlockType.Q8_0, 192, [31], null, [.. Enumerable.Repeat(-1, 33)]),
        new QuantizedLinearCase(BlockType.Q8_0, 32, [17, 64], [On(1, 1, 0)], [.. Enumerable.Range(0, 19).Select(row => row % 3 - 1 > 0 ? 0 : -1)]),
        new QuantizedHeadCase(BlockType.Q8_0, 5, 576, 997),
        new QuantizedHeadCase(BlockType.Q4_1, 18, 64, 301),

        new RopeCase(1, 1, 2),
        new RopeCase(7, 3, 64),
        new RopeCase(33, 9, 128),

        new CausalAttentionCase(new(1, 1, 1), 1),
        new CausalAttentionCase(new(4, 4, 16), 1, 1, 2),
        new CausalAttentionCase(new(9, 3, 64), 40, 17, 17, 1, 63),
        new CausalAttentionCase(new(9, 1, 32), 5, 5, 5),
        new CausalAttentionCase(new(2, 1, 128), 129),
        new CausalAttentionCase(new(3, 3, 7), 33, 2, 31),

        new SwiGluCase(1, 1),
        new SwiGluCase(5, 33),
        new SwiGluCase(40, 1536),

        new GatherRowsCase(1, 1, 0),
        new GatherRowsCase(9, 33, 8, 0, 3),
        new GatherRowsCase(64, 576, 1, 2, 3, 5, 8, 13, 21, 34, 55, 63),

        new LinearCrossEntropyCase(1, 3, 2, gain: 1),
        new LinearCrossEntropyCase(17, 64, 997, gain: 1),
        new LinearCrossEntropyCase(259, 33, 1025, gain: 2),
        new LinearCrossEntropyCase(9, 576, 4096, gain: 20),

        new LogitsCase(1, 64, 997),
        new LogitsCase(5, 576, 4096),

        new SampleCase(0, 0, 1),
        new SampleCase(0.7f, 0, 1),
        new SampleCase(1, 1, 1),
        new SampleCase(1, 40, 0.9f),
        new SampleCase(1.5f, 0, 0.5f),

        new DecodeAttentionCase(new(1, 1, 2), 0),
        new DecodeAttentionCase(new(9, 3, 64), 15, 16, 17, 0),
        new DecodeAttentionCase(new(9, 1, 32), 200, 1, 47),
        new DecodeAttentionCase(new(4, 4, 33), 31, 30, 64),
        new DecodeAttentionCase(new(10, 2, 96), 70, 2),
        new DecodeAttentionCase(new(8, 4, 128), 128, 0, 15),

        new AdamWCase(1, 1, [1], [0], clip: 0),
        new AdamWCase(33, 17, [1, 3, 8, 2], [2, 0], clip: 1),
        new AdamWCase(5, 3, [0, 2], [0, 1], clip: 1), // one adapter without a parameter
        new AdamWCase(64, 192, [32, 32], [1], clip: 1e6),
        new NotedNormCase(33, [17], [On(1, 2, 0)], [(0, 1)]),
        new NotedNormCase(64, [96, 31], [On(5, 2, 0, 1), On(32, 0.5, 1), On(7, 1, 0)], [(0, 9), (1, 4), (-1, 3), (0, 21), (2, 1)], [(1, 30)], [(0, 5), (2, 40)]),

        new AddCase(1, 1),
        new AddCase(13, 577),
        new CastCase(1, 1),
        new CastCase(13, 577),
        new ZeroCase(13, 577),
    ];

    /// <summary>
    /// More of them, at the sizes of a training step of SmolLM2-135M: what <c>perf</c> measures. They take seconds each in float64, so the
    /// tests, which look for mistakes at odd sizes, leave them to <c>seal kernels test</c>.
    /// </summary>
    public static IReadOnlyList<OperatorCase> RealSizes { get; } =
    [
        new RmsNormCase(512, 576, residual: true),
        .. new[] { 32, 128, 512 }.SelectMany(rows => new OperatorCase[]
        {
            new LoraLinearCase("q, k and v of SmolLM2", 576, [576, 192, 192], false, [On(32, 2, 0, 1, 2)], (0, rows)),
            new LoraLinearCase("gate and up of SmolLM2", 576, [1536, 1536], false, [On(32, 2, 0, 1)], (0, rows)),
            new LoraLinearCase("down of SmolLM2", 1536, [576], false, [On(32, 2, 0)], (0, rows)),
        }),
        new LoraLinearCase("gate and up of SmolLM2 under 8 adapters", 576, [1536, 1536], false,
            [.. Enumerable.Range(0, 8).Select(_ => On(32, 2, 0, 1))], [.. Enumerable.Range(0, 8).Select(slot => (slot, 40))]),
        new RopeCase(512, 9, 64),
        new CausalAttentionCase(new(9, 3, 64), 512),
        new CausalAttentionCase(new(9, 3, 64), 64, 64, 64, 64, 64, 64, 64, 64),
        new SwiGluCase(512, 1536),
        new LinearCrossEntropyCase(128, 576, 49152, gain: 3),
        new LogitsCase(16, 576, 49152),
        new DecodeAttentionCase(new(9, 3, 64), [.. Enumerable.Repeat(300, 16)]),
        new AdamWCase(576, 1536, [.. Enumerable.Repeat(32, 8)], [.. Enumerable.Range(0, 8)], clip: 1),
        new AddCase(512, 576),
    ];

    private static IEnumerable<OperatorCase> LoraLinears() =>
    [
        new LoraLinearCase("bare base", 1, [1], false, null, (-1, 1)),
        new LoraLinearCase("bare base, biases", 33, [17, 5], true, null, (-1, 19)),
        new LoraLinearCase("rank 1", 33, [17], true, [On(1, 2, 0)], (0, 1)),
        new LoraLinearCase("only q and v, biases", 64, [64, 32, 32], true, [On(8, 2, 0, 2)], (0, 23)),
        new LoraLinearCase("gate and up", 192, [512, 512], false, [On(32, 1, 0, 1)], (0, 40)),
        new LoraLinearCase("rank 128, a scale that is no float", 64, [48], false, [On(128, 1.0 / 3, 0)], (0, 65)),
        new LoraLinearCase("ranks and targets differ, bare rows between", 96, [64, 40], false,
            [On(1, 16, 0, 1), On(7, 0.5, 1), On(16, 2, 0), On(33, 1, 0, 1)], (2, 5), (-1, 4), (0, 1), (3, 17), (1, 3), (-1, 1)),
        new LoraLinearCase("many short segments", 40, [24], false,
            [.. Enumerable.Range(0, 12).Select(slot => On(1 + slot % 5, 2, 0))],
            [.. Enumerable.Range(0, 12).Select(slot => (slot, 1 + slot % 3))]),
        new LoraLinearCase("an adapter without targets, one of rank 0", 20, [12, 8], false, [On(4, 2), On(0, 1, 0), On(4, 2, 1)], (0, 3), (1, 2), (2, 4)),
        new LoraLinearCase("nobody has a target", 20, [12], false, [On(4, 2)], (0, 6)),
    ];

    private static AdapterShape On(int rank, double scale, params int[] targets) => new(rank, scale, targets);
}
