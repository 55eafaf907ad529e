using Seal.Kernels;

namespace Seal.Models;

/// <summary>Widest Z of each group of linears over a set's adapters, the same in every layer; 0 where none sits.</summary>
internal readonly record struct GroupRanks(int Qkv, int Output, int GateUp, int Down)
{
    public static GroupRanks Of(AdapterSet? adapters, LayerWeights layer) => adapters is null ? default : new(
        adapters.WidestGroupRank(layer.Qkv), adapters.WidestGroupRank(layer.Output), adapters.WidestGroupRank(layer.GateUp), adapters.WidestGroupRank(layer.Down));
}

/// <summary>
/// Bytes of scratch memory that each kind of step takes from the arena, told from its sizes before it runs: buffer for buffer what
/// <see cref="Transformer"/>'s passes take. So the arena is one block of the right size from the first step on.
/// </summary>
/// <param name="activation">Type of activations.</param>
/// <param name="wide">Type of statistics.</param>
internal sealed class StepMemory(ModelConfig config, DType activation, DType wide)
{
    private readonly int _queries = config.Heads * config.HeadDim, _keys = config.KvHeads * config.HeadDim;

    /// <summary>A forward and backward pass.</summary>
    /// <param name="rows">Tokens packed into the step.</param>
    /// <param name="heads">Of those, rows that need the head.</param>
    public long Training(int rows, int heads, GroupRanks ranks) =>
        2 * Acts(rows, config.Hidden) // the stream, and what is to be added to it
        + config.Layers * KeptLayer(rows, ranks) - Acts(rows, config.Hidden) // the first layer's input is the stream
        + Head(heads) + Wides(1, heads) + 2 * Acts(heads, config.Hidden) // log-probabilities; dHidden, dSum
        + Acts(rows, config.Hidden) + LayerBackward(rows, ranks); // dx

    /// <summary>Log-probabilities of targets.</summary>
    public long Scoring(int rows, int heads, GroupRanks ranks) => Forward(rows, ranks, Head(heads) + Wides(1, heads));

    /// <summary>Logits.</summary>
    public long Decoding(int rows, int heads, GroupRanks ranks) => Forward(rows, ranks, Head(heads) + Arena.Size(DType.F32, heads, config.Vocabulary));

    // A layer's buffers are given back after it; the head's come when all layers are done.
    private long Forward(int rows, GroupRanks ranks, long head) => 2 * Acts(rows, config.Hidden) + Math.Max(Layer(rows, ranks), head);

    private long Layer(int rows, GroupRanks ranks)
    {
        long bytes = 2 * Acts(rows, config.Hidden) // normed, normed middle
            + 2 * Acts(rows, _queries) + 2 * Acts(rows, _keys) // queries, attended; keys, values
            + 3 * Acts(rows, config.Intermediate) // gate, up, gated
            + Z(rows, ranks.Qkv) + Z(rows, ranks.Output) + Z(rows, ranks.GateUp) + Z(rows, ranks.Down);
        return config.QkNorm ? bytes + NormedHeads(rows) : bytes;
    }

    private long KeptLayer(int rows, GroupRanks ranks)
    {
        long bytes = Layer(rows, ranks)
            + 2 * Acts(rows, config.Hidden) // input, middle
            + 2 * Wides(1, rows) + Wides(rows, config.Heads); // 1/rms of both, log-sum-exp
        return config.QkNorm ? bytes + Wides(1, rows * config.Heads) + Wides(1, rows * config.KvHeads) : bytes;
    }

    private long Head(int heads) => 4 * Acts(heads, config.Hidden) + Wides(1, heads);

    /// <summary>The last layer's: below it nothing is left out that it needs, unless it is the first too.</summary>
    private long LayerBackward(int rows, GroupRanks ranks)
    {
        bool whole = config.Layers > 1;
        if (!whole && ranks is { Qkv: 0, Output: 0, GateUp: 0 })
            return 0;
        long bytes = 3 * Acts(rows, config.Intermediate); // dGated, dGate, dUp
        if (!whole && ranks is { Qkv: 0, Output: 0 })
            return bytes;
        bytes += Acts(rows, config.Hidden); // dMiddle
        if (!whole && ranks.Qkv == 0)
            return bytes;
        bytes += 2 * Acts(rows, _queries) + 2 * Acts(rows, _keys); // dAttended, dQueries; dKeys, dValues
        if (config.QkNorm)
            bytes += NormedHeads(rows);
        return whole ? bytes + Acts(rows, config.Hidden) : bytes; // dInput
    }

    private long NormedHeads(int rows) => Acts(rows * config.Heads, config.HeadDim) + Acts(rows * config.KvHeads, config.HeadDim);

    private long Z(int rows, int rank) => rank == 0 ? 0 : Acts(rows, rank);

    private long Acts(int rows, int columns) => Arena.Size(activation, rows, columns);

    private long Wides(int rows, int columns) => Arena.Size(wide, rows, columns);
}
