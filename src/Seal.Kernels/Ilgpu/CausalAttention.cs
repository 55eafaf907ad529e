using ILGPU;

namespace Seal.Kernels.Ilgpu;

internal sealed partial class IlgpuOperators<TStored, TElement, TShape>
{
    internal struct AttentionArguments : IArguments
    {
        public ArrayView<AttentionBlock> Blocks;
        public ArrayView<TStored> Q;
        public ArrayView<TStored> K;
        public ArrayView<TStored> V;
        public ArrayView<TStored> Y;
        public ArrayView<float> LogSumExp;
        public int Heads;
        public int KvHeads;
        public int HeadDim;
        public float Scale;

        public readonly void Pack(ref ParameterBytes bytes)
        {
            bytes.Add(Blocks);
            bytes.Add(Q);
            bytes.Add(K);
            bytes.Add(V);
            bytes.Add(Y);
            bytes.Add(LogSumExp);
            bytes.Add(Heads);
            bytes.Add(KvHeads);
            bytes.Add(HeadDim);
            bytes.Add(Scale);
        }
    }

    private static readonly Kernel<AttentionArguments> Attention64Kernel = new(Attend<Heads64>);
    private static readonly Kernel<AttentionArguments> Attention128Kernel = new(Attend<Heads128>);
    private static readonly Kernel<AttentionArguments> Attention256Kernel = new(Attend<Heads256>);

    public override void CausalAttention(
        DeviceBuffer q, DeviceBuffer k, DeviceBuffer v, AttentionShape shape, BatchPlan plan, DeviceBuffer y, DeviceBuffer logSumExp)
    {
        Kernel<AttentionArguments> kernel = ForHeads(shape.HeadDim, Attention64Kernel, Attention128Kernel, Attention256Kernel);
        FillBlocks(plan, BlocksFor(shape.HeadDim).Queries);
        _launcher.Launch(kernel, _blocks.Count * shape.Heads, new()
        {
            Blocks = View(_blocks),
            Q = View<TStored>(q),
            K = View<TStored>(k),
            V = View<TStored>(v),
            Y = View<TStored>(y),
            LogSumExp = View<float>(logSumExp),
            Heads = shape.Heads,
            KvHeads = shape.KvHeads,
            HeadDim = shape.HeadDim,
            Scale = (float)shape.Scale,
        });
    }

    /// <summary>
    /// A block of queries of one head a group, block of keys after block: scores, a running maximum and sum of exponentials a row, and the mix
    /// of values rescaled as the maximum grows (Dao et al., arXiv 2205.14135). 2·T·(T + 1)·d FLOPs a head; no score leaves shared memory.
    /// </summary>
    internal static void Attend<THeads>(AttentionArguments a) where THeads : struct, IHeads
    {
        TElement element = default;
        THeads heads = default;
        ArrayView<float> queries = SharedMemory.Allocate<float>(default(THeads).Queries * (default(THeads).HeadDim + 1));
        ArrayView<float> mixed = SharedMemory.Allocate<float>(default(THeads).Queries * (default(THeads).HeadDim + 1));
        ArrayView<float> other = SharedMemory.Allocate<float>(default(THeads).Keys * (default(THeads).HeadDim + 1)); // keys, then values
        ArrayView<float> scores = SharedMemory.Allocate<float>(default(THeads).Queries * default(THeads).Keys);
        ArrayView<float> max = SharedMemory.Allocate<float>(default(THeads).Queries);
        ArrayView<float> sum = SharedMemory.Allocate<float>(default(THeads).Queries);
        ArrayView<float> faded = SharedMemory.Allocate<float>(default(THeads).Queries);
        int stride = HeadStride(a.HeadDim);
        for (int item = Grid.IdxX; item < a.Blocks.IntLength * a.Heads; item += Grid.DimX)
        {
            AttentionBlock block = a.Blocks[item / a.Heads];
            int head = item % a.Heads, kvHead = head / (a.Heads / a.KvHeads);
            int rows = IntrinsicMath.Min(heads.Queries, block.Length - block.First);
            Group.Barrier(); // the item before is written
            StageHead(a.Q, block, block.First, rows, a.Heads * a.HeadDim, head * a.HeadDim, a.HeadDim, a.Scale, queries);
            for (int i = Group.IdxX; i < rows * a.HeadDim; i += Group.DimX)
                mixed[i / a.HeadDim * stride + i % a.HeadDim] = 0;
            for (int i = Group.IdxX; i < rows; i += Group.DimX)
            {
                max[i] = float.NegativeInfinity;
                sum[i] = 0;
            }
            for (int first = 0; first < block.First + rows; first += heads.Keys)
            {
                int keys = IntrinsicMath.Min(heads.Keys, block.First + rows - first);
                Group.Barrier();
                StageHead(a.K, block, first, keys, a.KvHeads * a.HeadDim, kvHead * a.HeadDim, a.HeadDim, 1, other);
                Group.Barrier();
                for (int i = Group.IdxX; i < rows * keys; i += Group.DimX)
                {
                    int row = i / keys, key = i % keys;
                    float score = float.NegativeInfinity; // a later row's key
                    if (first + key <= block.First + row)
                        score = Dot(queries, row, other, key, a.HeadDim);
                    scores[row * heads.Keys + key] = score;
                }
                Group.Barrier();
                StageHead(a.V, block, first, keys, a.KvHeads * a.HeadDim, kvHead * a.HeadDim, a.HeadDim, 1, other);
                for (int row = Group.IdxX; row < rows; row += Group.DimX)
                    faded[row] = Weigh(scores.SubView(row * heads.Keys, keys), keys, ref max[row], ref sum[row]);
                Group.Barrier();
                for (int i = Group.IdxX; i < rows * a.HeadDim; i += Group.DimX)
                {
                    int row = i / a.HeadDim, c = i % a.HeadDim;
                    float mix = mixed[row * stride + c] * faded[row];
                    for (int key = 0; key < keys; key++)
                        mix = Fused.MultiplyAdd(scores[row * heads.Keys + key], other[key * stride + c], mix);
                    mixed[row * stride + c] = mix;
                }
            }
            // Every thread wrote the elements of the mix that it reads; max and sum lie behind a barrier.
            for (int i = Group.IdxX; i < rows * a.HeadDim; i += Group.DimX)
            {
                int row = i / a.HeadDim, c = i % a.HeadDim;
                a.Y[(block.Start + block.First + row) * a.Heads * a.HeadDim + head * a.HeadDim + c] = element.Narrow(mixed[row * stride + c] / sum[row]);
            }
            if (a.LogSumExp.Length > 0)
                for (int row = Group.IdxX; row < rows; row += Group.DimX)
                    a.LogSumExp[(block.Start + block.First + row) * a.Heads + head] = max[row] + Functions.Log(sum[row]);
        }
    }

    /// <summary>Scores of a row become exp(score − maximum); the maximum and the sum take them in.</summary>
    /// <returns>What the sums of earlier keys are to be multiplied by.</returns>
    private static float Weigh(ArrayView<float> scores, int keys, ref float max, ref float sum)
    {
        float before = max, largest = before;
        for (int key = 0; key < keys; key++)
            largest = IntrinsicMath.Max(largest, scores[key]);
        if (largest == float.NegativeInfinity)
            return 1; // nothing to see yet
        float faded = Functions.Exp(before - largest), total = sum * faded;
        for (int key = 0; key < keys; key++)
        {
            float weight = Functions.Exp(scores[key] - largest);
            scores[key] = weight;
            total += weight;
        }
        max = largest;
        sum = total;
        return faded;
    }
}
