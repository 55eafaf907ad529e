using ILGPU;

namespace Seal.Kernels.Ilgpu;

// P = exp(S − lse), D = rowsum(dY ∘ Y), dS = P ∘ (dY·Vᵀ − D), dQ = s·dS·K, dK = s·dSᵀ·Q, dV = Pᵀ·dY. (Dao et al., arXiv 2205.14135)
// One kernel walks the keys of a block of queries, the other the queries of a block of keys: scores are computed twice, nothing is added
// by two groups, and the order of every sum is fixed.
internal sealed partial class IlgpuOperators<TStored, TElement, TShape>
{
    internal struct AttentionBackwardArguments : IArguments
    {
        public ArrayView<AttentionBlock> Blocks;
        public ArrayView<TStored> Dy;
        public ArrayView<TStored> Q;
        public ArrayView<TStored> K;
        public ArrayView<TStored> V;
        public ArrayView<TStored> Y;
        public ArrayView<float> LogSumExp;
        public ArrayView<float> Along; // D
        public ArrayView<TStored> Dq;
        public ArrayView<TStored> Dk;
        public ArrayView<TStored> Dv;
        public int Heads;
        public int KvHeads;
        public int HeadDim;
        public float Scale;

        public readonly void Pack(ref ParameterBytes bytes)
        {
            bytes.Add(Blocks);
            bytes.Add(Dy);
            bytes.Add(Q);
            bytes.Add(K);
            bytes.Add(V);
            bytes.Add(Y);
            bytes.Add(LogSumExp);
            bytes.Add(Along);
            bytes.Add(Dq);
            bytes.Add(Dk);
            bytes.Add(Dv);
            bytes.Add(Heads);
            bytes.Add(KvHeads);
            bytes.Add(HeadDim);
            bytes.Add(Scale);
        }
    }

    private static readonly Kernel<AttentionBackwardArguments> AlongKernel = new(AlongOutputs);
    private static readonly Kernel<AttentionBackwardArguments> QueryGradient64Kernel = new(QueryGradient<Heads64>);
    private static readonly Kernel<AttentionBackwardArguments> QueryGradient128Kernel = new(QueryGradient<Heads128>);
    private static readonly Kernel<AttentionBackwardArguments> QueryGradient256Kernel = new(QueryGradient<Heads256>);
    private static readonly Kernel<AttentionBackwardArguments> KeyGradient64Kernel = new(KeyGradient<Heads64>);
    private static readonly Kernel<AttentionBackwardArguments> KeyGradient128Kernel = new(KeyGradient<Heads128>);
    private static readonly Kernel<AttentionBackwardArguments> KeyGradient256Kernel = new(KeyGradient<Heads256>);

    public override void CausalAttentionBackward(
        DeviceBuffer dy, DeviceBuffer q, DeviceBuffer k, DeviceBuffer v, DeviceBuffer y, DeviceBuffer logSumExp,
        AttentionShape shape, BatchPlan plan, DeviceBuffer dq, DeviceBuffer dk, DeviceBuffer dv)
    {
        _scratch.Reset();
        DeviceBuffer along = _scratch.Wide(q.Rows, shape.Heads);
        AttentionBackwardArguments arguments = new()
        {
            Dy = View<TStored>(dy),
            Q = View<TStored>(q),
            K = View<TStored>(k),
            V = View<TStored>(v),
            Y = View<TStored>(y),
            LogSumExp = View<float>(logSumExp),
            Along = View<float>(along),
            Dq = View<TStored>(dq),
            Dk = View<TStored>(dk),
            Dv = View<TStored>(dv),
            Heads = shape.Heads,
            KvHeads = shape.KvHeads,
            HeadDim = shape.HeadDim,
            Scale = (float)shape.Scale,
        };
        _launcher.Launch(AlongKernel, GroupsOf(along.Elements), arguments);
        (int queries, int keys) = BlocksFor(shape.HeadDim);
        FillBlocks(plan, queries);
        arguments.Blocks = View(_blocks);
        _launcher.Launch(
            ForHeads(shape.HeadDim, QueryGradient64Kernel, QueryGradient128Kernel, QueryGradient256Kernel), _blocks.Count * shape.Heads, arguments);
        FillBlocks(plan, keys);
        arguments.Blocks = View(_blocks);
        _launcher.Launch(
            ForHeads(shape.HeadDim, KeyGradient64Kernel, KeyGradient128Kernel, KeyGradient256Kernel), _blocks.Count * shape.KvHeads, arguments);
    }

    /// <summary>D, a row of a head a thread.</summary>
    internal static void AlongOutputs(AttentionBackwardArguments a)
    {
        TElement element = default;
        for (int i = Grid.IdxX * Group.DimX + Group.IdxX; i < a.Along.IntLength; i += Grid.DimX * Group.DimX)
        {
            float sum = 0;
            for (int c = 0; c < a.HeadDim; c++)
                sum = Fused.MultiplyAdd(element.Widen(a.Dy[i * a.HeadDim + c]), element.Widen(a.Y[i * a.HeadDim + c]), sum);
            a.Along[i] = sum;
        }
    }

    /// <summary>dQ of a block of queries of one head a group.</summary>
    internal static void QueryGradient<THeads>(AttentionBackwardArguments a) where THeads : struct, IHeads
    {
        TElement element = default;
        THeads heads = default;
        ArrayView<float> queries = SharedMemory.Allocate<float>(default(THeads).Queries * (default(THeads).HeadDim + 1));
        ArrayView<float> outputs = SharedMemory.Allocate<float>(default(THeads).Queries * (default(THeads).HeadDim + 1)); // dY
        ArrayView<float> gradient = SharedMemory.Allocate<float>(default(THeads).Queries * (default(THeads).HeadDim + 1));
        ArrayView<float> keys = SharedMemory.Allocate<float>(default(THeads).Keys * (default(THeads).HeadDim + 1));
        ArrayView<float> values = SharedMemory.Allocate<float>(default(THeads).Keys * (default(THeads).HeadDim + 1));
        ArrayView<float> scores = SharedMemory.Allocate<float>(default(THeads).Queries * default(THeads).Keys); // dS
        int stride = HeadStride(a.HeadDim), qColumns = a.Heads * a.HeadDim, kvColumns = a.KvHeads * a.HeadDim;
        for (int item = Grid.IdxX; item < a.Blocks.IntLength * a.Heads; item += Grid.DimX)
        {
            AttentionBlock block = a.Blocks[item / a.Heads];
            int head = item % a.Heads, qColumn = head * a.HeadDim, kvColumn = head / (a.Heads / a.KvHeads) * a.HeadDim;
            int rows = IntrinsicMath.Min(heads.Queries, block.Length - block.First);
            Group.Barrier(); // the item before is written
            StageHead(a.Q, block, block.First, rows, qColumns, qColumn, a.HeadDim, a.Scale, queries);
            StageHead(a.Dy, block, block.First, rows, qColumns, qColumn, a.HeadDim, 1, outputs);
            for (int i = Group.IdxX; i < rows * a.HeadDim; i += Group.DimX)
                gradient[i / a.HeadDim * stride + i % a.HeadDim] = 0;
            for (int first = 0; first < block.First + rows; first += heads.Keys)
            {
                int count = IntrinsicMath.Min(heads.Keys, block.First + rows - first);
                Group.Barrier();
                StageHead(a.K, block, first, count, kvColumns, kvColumn, a.HeadDim, 1, keys);
                StageHead(a.V, block, first, count, kvColumns, kvColumn, a.HeadDim, 1, values);
                Group.Barrier();
                for (int i = Group.IdxX; i < rows * count; i += Group.DimX)
                {
                    int row = i / count, key = i % count;
                    float slope = 0;
                    if (first + key <= block.First + row)
                    {
                        int at = (block.Start + block.First + row) * a.Heads + head;
                        float p = Functions.Exp(Dot(queries, row, keys, key, a.HeadDim) - a.LogSumExp[at]);
                        slope = p * (Dot(outputs, row, values, key, a.HeadDim) - a.Along[at]);
                    }
                    scores[row * heads.Keys + key] = slope;
                }
                Group.Barrier();
                for (int i = Group.IdxX; i < rows * a.HeadDim; i += Group.DimX)
                {
                    int row = i / a.HeadDim, c = i % a.HeadDim;
                    float sum = gradient[row * stride + c];
                    for (int key = 0; key < count; key++)
                        sum = Fused.MultiplyAdd(scores[row * heads.Keys + key], keys[key * stride + c], sum);
                    gradient[row * stride + c] = sum;
                }
            }
            for (int i = Group.IdxX; i < rows * a.HeadDim; i += Group.DimX)
            {
                int row = i / a.HeadDim, c = i % a.HeadDim;
                a.Dq[(block.Start + block.First + row) * qColumns + qColumn + c] = element.Narrow(gradient[row * stride + c] * a.Scale);
            }
        }
    }

    /// <summary>dK and dV of a block of keys of one key/value head a group, over all query heads that share it.</summary>
    internal static void KeyGradient<THeads>(AttentionBackwardArguments a) where THeads : struct, IHeads
    {
        TElement element = default;
        THeads heads = default;
        ArrayView<float> queries = SharedMemory.Allocate<float>(default(THeads).Queries * (default(THeads).HeadDim + 1));
        ArrayView<float> outputs = SharedMemory.Allocate<float>(default(THeads).Queries * (default(THeads).HeadDim + 1)); // dY
        ArrayView<float> keys = SharedMemory.Allocate<float>(default(THeads).Keys * (default(THeads).HeadDim + 1));
        ArrayView<float> values = SharedMemory.Allocate<float>(default(THeads).Keys * (default(THeads).HeadDim + 1));
        ArrayView<float> dKeys = SharedMemory.Allocate<float>(default(THeads).Keys * (default(THeads).HeadDim + 1));
        ArrayView<float> dValues = SharedMemory.Allocate<float>(default(THeads).Keys * (default(THeads).HeadDim + 1));
        ArrayView<float> weights = SharedMemory.Allocate<float>(default(THeads).Queries * default(THeads).Keys); // P
        ArrayView<float> slopes = SharedMemory.Allocate<float>(default(THeads).Queries * default(THeads).Keys); // dS
        int stride = HeadStride(a.HeadDim), qColumns = a.Heads * a.HeadDim, kvColumns = a.KvHeads * a.HeadDim, sharing = a.Heads / a.KvHeads;
        for (int item = Grid.IdxX; item < a.Blocks.IntLength * a.KvHeads; item += Grid.DimX)
        {
            AttentionBlock block = a.Blocks[item / a.KvHeads];
            int kvHead = item % a.KvHeads, kvColumn = kvHead * a.HeadDim;
            int count = IntrinsicMath.Min(heads.Keys, block.Length - block.First);
            Group.Barrier(); // the item before is written
            StageHead(a.K, block, block.First, count, kvColumns, kvColumn, a.HeadDim, 1, keys);
            StageHead(a.V, block, block.First, count, kvColumns, kvColumn, a.HeadDim, 1, values);
            for (int i = Group.IdxX; i < count * a.HeadDim; i += Group.DimX)
            {
                dKeys[i / a.HeadDim * stride + i % a.HeadDim] = 0;
                dValues[i / a.HeadDim * stride + i % a.HeadDim] = 0;
            }
            for (int head = kvHead * sharing; head < (kvHead + 1) * sharing; head++)
                for (int first = block.First; first < block.Length; first += heads.Queries)
                {
                    int rows = IntrinsicMath.Min(heads.Queries, block.Length - first);
                    Group.Barrier();
                    StageHead(a.Q, block, first, rows, qColumns, head * a.HeadDim, a.HeadDim, a.Scale, queries);
                    StageHead(a.Dy, block, first, rows, qColumns, head * a.HeadDim, a.HeadDim, 1, outputs);
                    Group.Barrier();
                    for (int i = Group.IdxX; i < rows * count; i += Group.DimX)
                    {
                        int row = i / count, key = i % count;
                        float p = 0, slope = 0;
                        if (block.First + key <= first + row)
                        {
                            int at = (block.Start + first + row) * a.Heads + head;
                            p = Functions.Exp(Dot(queries, row, keys, key, a.HeadDim) - a.LogSumExp[at]);
                            slope = p * (Dot(outputs, row, values, key, a.HeadDim) - a.Along[at]);
                        }
                        weights[row * heads.Keys + key] = p;
                        slopes[row * heads.Keys + key] = slope;
                    }
                    Group.Barrier();
                    for (int i = Group.IdxX; i < count * a.HeadDim; i += Group.DimX)
                    {
                        int key = i / a.HeadDim, c = i % a.HeadDim;
                        float dKey = dKeys[key * stride + c], dValue = dValues[key * stride + c];
                        for (int row = 0; row < rows; row++)
                        {
                            dKey = Fused.MultiplyAdd(slopes[row * heads.Keys + key], queries[row * stride + c], dKey); // queries are scaled already
                            dValue = Fused.MultiplyAdd(weights[row * heads.Keys + key], outputs[row * stride + c], dValue);
                        }
                        dKeys[key * stride + c] = dKey;
                        dValues[key * stride + c] = dValue;
                    }
                }
            for (int i = Group.IdxX; i < count * a.HeadDim; i += Group.DimX)
            {
                int key = i / a.HeadDim, c = i % a.HeadDim, at = (block.Start + block.First + key) * kvColumns + kvColumn + c;
                a.Dk[at] = element.Narrow(dKeys[key * stride + c]);
                a.Dv[at] = element.Narrow(dValues[key * stride + c]);
            }
        }
    }
}
