namespace Seal.Kernels;

/// <summary>One sequence of a packed batch: rows <c>Start .. Start + Length</c>, under one adapter (−1: the bare base model).</summary>
/// <param name="FirstPosition">Position of its first row; above 0 when earlier rows are in the cache.</param>
/// <param name="CacheSlot">Its sequence in the <see cref="KvCache"/>, or −1.</param>
public readonly record struct PlannedSequence(int Start, int Length, int Adapter, int FirstPosition, int CacheSlot);

/// <summary>A run of rows under one adapter.</summary>
public readonly record struct AdapterSegment(int Adapter, int Start, int Count);

/// <summary>
/// Everything that the operators must know about one step: sequences packed end to end (never padded), each row's position and
/// adapter, and for the rows that need the head at all, their target and loss weight. Refilled for every step, reusing its memory.
/// </summary>
public sealed class BatchPlan
{
    private readonly PinnedList<int> _tokens = new(DType.I32);
    private readonly PinnedList<int> _positions = new(DType.I32);
    private readonly PinnedList<int> _cuSeqlens = new(DType.I32);
    private readonly PinnedList<int> _headRows = new(DType.I32);
    private readonly PinnedList<int> _targets = new(DType.I32);
    private readonly PinnedList<float> _weights = new(DType.F32);
    private readonly List<PlannedSequence> _sequences = [];
    private readonly List<AdapterSegment> _segments = [];

    public BatchPlan() => Clear();

    /// <summary>Number of packed tokens.</summary>
    public int Rows => _tokens.Count;

    public IReadOnlyList<PlannedSequence> Sequences => _sequences;

    /// <summary>Runs of rows that share an adapter, in row order.</summary>
    public IReadOnlyList<AdapterSegment> Segments => _segments;

    /// <summary>Whether this is a step of generation: its sequences are in a cache. A plan has all of its sequences there or none.</summary>
    public bool Cached => _sequences.Count > 0 && _sequences[0].CacheSlot >= 0;

    /// <summary>Longest sequence of the batch.</summary>
    public int LongestSequence { get; private set; }

    /// <summary>Token ids, <c>[1, Rows]</c>.</summary>
    public DeviceBuffer Tokens => _tokens.Buffer;

    /// <summary>Position of each row within its sequence, <c>[1, Rows]</c>.</summary>
    public DeviceBuffer Positions => _positions.Buffer;

    /// <summary>First row of each sequence, and the total at the end: <c>[1, sequences + 1]</c>.</summary>
    public DeviceBuffer CuSeqlens => _cuSeqlens.Buffer;

    /// <summary>Rows that have a target or are sampled from, <c>[1, HeadCount]</c>.</summary>
    public DeviceBuffer HeadRows => _headRows.Buffer;

    public int HeadCount => _headRows.Count;

    /// <summary>Target of each head row, <c>[1, HeadCount]</c>; −1 where the row is only sampled from.</summary>
    public DeviceBuffer Targets => _targets.Buffer;

    /// <summary>Loss weight of each head row in f32, <c>[1, HeadCount]</c>: 1 / (counted tokens of its own adapter's micro-batch) / k.</summary>
    public DeviceBuffer Weights => _weights.Buffer;

    public void Clear()
    {
        _tokens.Clear();
        _positions.Clear();
        _cuSeqlens.Clear();
        _cuSeqlens.Add(0);
        _headRows.Clear();
        _targets.Clear();
        _weights.Clear();
        _sequences.Clear();
        _segments.Clear();
        LongestSequence = 0;
    }

    /// <summary>Appends a sequence; sequences of one adapter should follow each other, so that they share a segment.</summary>
    /// <returns>The row of its first token.</returns>
    public int Add(ReadOnlySpan<int> tokens, int adapter = -1, int firstPosition = 0, int cacheSlot = -1)
    {
        if (tokens.IsEmpty)
            throw new ArgumentException("a sequence needs at least one token", nameof(tokens));
        int start = Rows;
        for (int i = 0; i < tokens.Length; i++)
        {
            _tokens.Add(tokens[i]);
            _positions.Add(firstPosition + i);
        }
        _cuSeqlens.Add(Rows);
        _sequences.Add(new PlannedSequence(start, tokens.Length, adapter, firstPosition, cacheSlot));
        LongestSequence = Math.Max(LongestSequence, tokens.Length);
        if (_segments.Count > 0 && _segments[^1].Adapter == adapter)
            _segments[^1] = _segments[^1] with { Count = _segments[^1].Count + tokens.Length };
        else
            _segments.Add(new AdapterSegment(adapter, start, tokens.Length));
        return start;
    }

    /// <summary>Asks for the head at a row: its log-probability of <paramref name="target"/> enters the loss with this weight.</summary>
    public void AddTarget(int row, int target, float weight)
    {
        _headRows.Add(row);
        _targets.Add(target);
        _weights.Add(weight);
    }

    /// <summary>Asks for logits at a row, to sample from.</summary>
    public void AddSampled(int row) => AddTarget(row, -1, 0);
}
