using ILGPU;

namespace Seal.Kernels.Ilgpu;

/// <summary>One sequence of a step of generation: its new row, how many rows are cached with it, and where its pages are listed.</summary>
internal struct CachedSequence
{
    public int Row, Length, FirstPage;
}

internal sealed partial class IlgpuOperators<TStored, TElement, TShape>
{
    internal struct DecodeArguments : IArguments
    {
        public ArrayView<CachedSequence> Sequences;
        public ArrayView<int> Pages;
        public ArrayView<TStored> Q;
        public ArrayView<TStored> K;
        public ArrayView<TStored> V;
        public ArrayView<TStored> Y;
        public int Heads;
        public int KvHeads;
        public int HeadDim;
        public float Scale;

        public readonly void Pack(ref ParameterBytes bytes)
        {
            bytes.Add(Sequences);
            bytes.Add(Pages);
            bytes.Add(Q);
            bytes.Add(K);
            bytes.Add(V);
            bytes.Add(Y);
            bytes.Add(Heads);
            bytes.Add(KvHeads);
            bytes.Add(HeadDim);
            bytes.Add(Scale);
        }
    }

    /// <summary>Widest head of decode attention; one size serves all, as little is staged.</summary>
    private const int DecodeHeadDim = 256;

    private static readonly Kernel<DecodeArguments> DecodeKernel = new(AttendCached);

    private readonly Table<CachedSequence> _cached = new();
    private readonly Table<int> _pages = new();

    public override void DecodeAttention(DeviceBuffer q, KvCache cache, int layer, AttentionShape shape, BatchPlan plan, DeviceBuffer y)
    {
        if (shape.HeadDim > DecodeHeadDim)
            throw new SealException($"heads of {shape.HeadDim}: the ilgpu backend computes attention for heads of up to {DecodeHeadDim}; use --backend native or torch");
        _cached.Clear();
        _pages.Clear();
        for (int i = 0; i < plan.Sequences.Count; i++)
        {
            PlannedSequence sequence = plan.Sequences[i];
            IReadOnlyList<int> pages = cache.Pages(sequence.CacheSlot);
            _cached.Add(new CachedSequence { Row = sequence.Start, Length = sequence.FirstPosition + sequence.Length, FirstPage = _pages.Count });
            for (int page = 0; page < pages.Count; page++)
                _pages.Add(pages[page]);
        }
        _launcher.Launch(DecodeKernel, _cached.Count * shape.Heads, new()
        {
            Sequences = View(_cached),
            Pages = View(_pages),
            Q = View<TStored>(q),
            K = View<TStored>(cache.Keys(layer)),
            V = View<TStored>(cache.Values(layer)),
            Y = View<TStored>(y),
            Heads = shape.Heads,
            KvHeads = shape.KvHeads,
            HeadDim = shape.HeadDim,
            Scale = (float)shape.Scale,
        });
    }

    /// <summary>
    /// One head of one sequence a group: a cached key a thread, then the mix of values, a column a thread. Reads every cached key and value
    /// once a query head: 4·length·d FLOPs, 4·length·d bytes of bf16.
    /// </summary>
    internal static void AttendCached(DecodeArguments a)
    {
        TElement element = default;
        TShape shape = default;
        ArrayView<float> query = SharedMemory.Allocate<float>(DecodeHeadDim);
        ArrayView<float> mixed = SharedMemory.Allocate<float>(DecodeHeadDim);
        ArrayView<float> weights = SharedMemory.Allocate<float>(default(TShape).DecodeKeys);
        ArrayView<int> rows = SharedMemory.Allocate<int>(default(TShape).DecodeKeys);
        ArrayView<float> scratch = SharedMemory.Allocate<float>(Reductions.Warps);
        for (int item = Grid.IdxX; item < a.Sequences.IntLength * a.Heads; item += Grid.DimX)
        {
            CachedSequence sequence = a.Sequences[item / a.Heads];
            int head = item % a.Heads, kvColumns = a.KvHeads * a.HeadDim, kvColumn = head / (a.Heads / a.KvHeads) * a.HeadDim;
            int at = (sequence.Row * a.Heads + head) * a.HeadDim;
            Group.Barrier(); // the item before is written
            for (int c = Group.IdxX; c < a.HeadDim; c += Group.DimX)
            {
                query[c] = element.Widen(a.Q[at + c]) * a.Scale;
                mixed[c] = 0;
            }
            float max = float.NegativeInfinity, sum = 0;
            for (int first = 0; first < sequence.Length; first += shape.DecodeKeys)
            {
                int keys = IntrinsicMath.Min(shape.DecodeKeys, sequence.Length - first);
                Group.Barrier(); // the query is there, the weights before are used
                float largest = float.NegativeInfinity;
                for (int key = Group.IdxX; key < keys; key += Group.DimX)
                {
                    int position = first + key;
                    int row = a.Pages[sequence.FirstPage + position / KvCache.PageSize] * KvCache.PageSize + position % KvCache.PageSize;
                    float score = 0;
                    for (int c = 0; c < a.HeadDim; c++)
                        score = Fused.MultiplyAdd(query[c], element.Widen(a.K[row * kvColumns + kvColumn + c]), score);
                    rows[key] = row;
                    weights[key] = score;
                    largest = IntrinsicMath.Max(largest, score);
                }
                float newMax = IntrinsicMath.Max(max, Reductions.Max(largest, scratch));
                float faded = Functions.Exp(max - newMax), share = 0;
                for (int key = Group.IdxX; key < keys; key += Group.DimX)
                {
                    float weight = Functions.Exp(weights[key] - newMax);
                    weights[key] = weight;
                    share += weight;
                }
                sum = Fused.MultiplyAdd(sum, faded, Reductions.Sum(share, scratch)); // its barriers publish the weights, too
                max = newMax;
                for (int c = Group.IdxX; c < a.HeadDim; c += Group.DimX)
                {
                    float mix = mixed[c] * faded;
                    for (int key = 0; key < keys; key++)
                        mix = Fused.MultiplyAdd(weights[key], element.Widen(a.V[rows[key] * kvColumns + kvColumn + c]), mix);
                    mixed[c] = mix;
                }
            }
            for (int c = Group.IdxX; c < a.HeadDim; c += Group.DimX)
                a.Y[at + c] = element.Narrow(mixed[c] / sum);
        }
    }
}
