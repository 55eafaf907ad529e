using ILGPU;

namespace Seal.Kernels.Ilgpu;

internal sealed partial class IlgpuOperators<TStored, TElement, TShape>
{
    /// <summary>A tile of logits and what its epilogue reads and writes. Statistics: one column a tile of the vocabulary.</summary>
    internal struct CrossEntropyArguments : IArguments
    {
        public ArrayView<TStored> H;
        public ArrayView<TStored> E;
        public ArrayView<int> Targets;
        public ArrayView<float> Weights;
        public ArrayView<float> Max;
        public ArrayView<float> Sum;
        public ArrayView<float> AtTarget;
        public ArrayView<float> Normaliser;
        public ArrayView<float> Gradient;
        public int Rows;
        public int Hidden;
        public int First; // row of E
        public int Columns;
        public int AlignedH;
        public int AlignedE;

        public readonly void Pack(ref ParameterBytes bytes)
        {
            bytes.Add(H);
            bytes.Add(E);
            bytes.Add(Targets);
            bytes.Add(Weights);
            bytes.Add(Max);
            bytes.Add(Sum);
            bytes.Add(AtTarget);
            bytes.Add(Normaliser);
            bytes.Add(Gradient);
            bytes.Add(Rows);
            bytes.Add(Hidden);
            bytes.Add(First);
            bytes.Add(Columns);
            bytes.Add(AlignedH);
            bytes.Add(AlignedE);
        }
    }

    private static readonly Kernel<CrossEntropyArguments> LogitStatisticsKernel = new(LogitStatistics);
    private static readonly Kernel<CrossEntropyArguments> LogitGradientKernel = new(LogitGradient);
    private static readonly Kernel<LinearBackwardArguments<float, float>> HiddenGradientKernel = new(LinearBackward<float, F32Element, float, F32Element>);

    /// <summary>
    /// Two sweeps over the vocabulary. The first keeps a maximum and a sum of exponentials of each row and tile, 8 bytes for 64 logits; the
    /// second makes the logits again, a chunk of the vocabulary at a time, turns them into their gradient, and multiplies that by E.
    /// 2·n·V·hidden FLOPs for log-probabilities, three times that with dh.
    /// </summary>
    public override void LinearCrossEntropy(
        DeviceBuffer h, PackedWeight head, DeviceBuffer targets, DeviceBuffer weights, DeviceBuffer logProbabilities, DeviceBuffer dh)
    {
        _scratch.Reset();
        DeviceBuffer e = Own(head).Matrix;
        int tiles = Product<TShape>.TilesOf(e.Rows, default(TShape).TileColumns);
        DeviceBuffer max = _scratch.Wide(h.Rows, tiles), sum = _scratch.Wide(h.Rows, tiles);
        DeviceBuffer atTarget = _scratch.Wide(1, h.Rows), normaliser = _scratch.Wide(1, h.Rows);
        CrossEntropyArguments arguments = new()
        {
            H = View<TStored>(h),
            E = View<TStored>(e),
            Targets = View<int>(targets),
            Weights = View<float>(weights),
            Max = View<float>(max),
            Sum = View<float>(sum),
            AtTarget = View<float>(atTarget),
            Normaliser = View<float>(normaliser),
            Rows = h.Rows,
            Hidden = h.Columns,
            Columns = e.Rows,
            AlignedH = AlignedForPacks(h),
            AlignedE = AlignedForPacks(e),
        };
        _launcher.Launch(LogitStatisticsKernel, TilesOf(h.Rows, e.Rows), arguments);
        Normalise(max, sum, atTarget, normaliser, logProbabilities, tiles);
        if (!dh.IsNone)
            HiddenGradient(arguments, h, e, dh);
    }

    private void HiddenGradient(CrossEntropyArguments arguments, DeviceBuffer h, DeviceBuffer e, DeviceBuffer dh)
    {
        DeviceBuffer gradient = _scratch.Wide(h.Rows, Math.Min(default(TShape).VocabularyChunk, e.Rows));
        DeviceBuffer sum = Activation == Wide ? dh : _scratch.Wide(h.Rows, h.Columns);
        for (int first = 0; first < e.Rows; first += gradient.Columns)
        {
            int columns = Math.Min(gradient.Columns, e.Rows - first);
            arguments.Gradient = View<float>(gradient);
            arguments.First = first;
            arguments.Columns = columns;
            _launcher.Launch(LogitGradientKernel, TilesOf(h.Rows, columns), arguments);
            _parts.Clear();
            _parts.AddRows(h.Rows, h.Columns);
            DeviceBuffer rows = e.Slice(first, columns);
            _launcher.Launch(HiddenGradientKernel, _parts.Tiles, new()
            {
                Parts = View(_parts.Table),
                Dy = View<float>(gradient),
                W = View<TStored>(rows),
                Dx = View<float>(sum),
                Tiles = _parts.Tiles,
                Inputs = h.Columns,
                Outputs = columns,
                Add = first > 0 ? 1 : 0,
                AlignedDy = 1,
                AlignedW = AlignedForPacks(rows),
                AlignedDx = AlignedForPacks(sum),
            });
        }
        if (Activation != Wide)
            Cast(sum, dh);
    }

    private static int TilesOf(int rows, int columns) => checked(
        Product<TShape>.TilesOf(rows, default(TShape).TileRows) * Product<TShape>.TilesOf(columns, default(TShape).TileColumns));

    /// <summary>Of each row and tile: the largest logit and Σ exp(logit − largest); of each row: the logit of its target.</summary>
    internal static void LogitStatistics(CrossEntropyArguments a)
    {
        TShape shape = default;
        ArrayView<float> left = SharedMemory.Allocate<float>(default(TShape).TileDepth * Product<TShape>.LeftStride);
        ArrayView<float> right = SharedMemory.Allocate<float>(default(TShape).TileDepth * Product<TShape>.RightStride);
        ArrayView<float> logits = SharedMemory.Allocate<float>(default(TShape).TileRows * (default(TShape).TileColumns + 1));
        int across = Product<TShape>.TilesOf(a.Columns, shape.TileColumns), tiles = across * Product<TShape>.TilesOf(a.Rows, shape.TileRows);
        for (int tile = Grid.IdxX; tile < tiles; tile += Grid.DimX)
        {
            int row = tile / across * shape.TileRows, column = tile % across * shape.TileColumns;
            Keep(LogitTile(a, row, column, left, right), logits);
            Group.Barrier();
            int columns = IntrinsicMath.Min(shape.TileColumns, a.Columns - column);
            for (int i = Group.IdxX; i < shape.TileRows && row + i < a.Rows; i += Group.DimX)
            {
                ArrayView<float> ofRow = logits.SubView(i * (shape.TileColumns + 1), columns);
                float max = ofRow[0];
                for (int j = 1; j < columns; j++)
                    max = IntrinsicMath.Max(max, ofRow[j]);
                float sum = 0;
                for (int j = 0; j < columns; j++)
                    sum += Functions.Exp(ofRow[j] - max);
                a.Max[(row + i) * across + tile % across] = max;
                a.Sum[(row + i) * across + tile % across] = sum;
                int target = a.Targets[row + i] - column;
                if (target >= 0 && target < columns)
                    a.AtTarget[row + i] = ofRow[target];
            }
        }
    }

    /// <summary>weight·(softmax − onehot) of a chunk of the vocabulary, n x Columns.</summary>
    internal static void LogitGradient(CrossEntropyArguments a)
    {
        TShape shape = default;
        ArrayView<float> left = SharedMemory.Allocate<float>(default(TShape).TileDepth * Product<TShape>.LeftStride);
        ArrayView<float> right = SharedMemory.Allocate<float>(default(TShape).TileDepth * Product<TShape>.RightStride);
        int across = Product<TShape>.TilesOf(a.Columns, shape.TileColumns), tiles = across * Product<TShape>.TilesOf(a.Rows, shape.TileRows);
        for (int tile = Grid.IdxX; tile < tiles; tile += Grid.DimX)
        {
            int row = tile / across * shape.TileRows, column = tile % across * shape.TileColumns;
            Tile4 sum = LogitTile(a, row, column, left, right);
            row += Product<TShape>.ThreadRow;
            column += Product<TShape>.ThreadColumn;
            GradientOfRow(a, row, column, sum.R0);
            GradientOfRow(a, row + 1, column, sum.R1);
            GradientOfRow(a, row + 2, column, sum.R2);
            GradientOfRow(a, row + 3, column, sum.R3);
        }
    }

    private static Tile4 LogitTile(CrossEntropyArguments a, int row, int column, ArrayView<float> left, ArrayView<float> right)
    {
        Operand<TStored> h = new() { Values = a.H, Stride = a.Hidden, Rows = a.Rows, Depth = a.Hidden, Aligned = a.AlignedH };
        Operand<TStored> e = new() { Values = a.E, Start = a.First * a.Hidden, Stride = a.Hidden, Rows = a.Columns, Depth = a.Hidden, Aligned = a.AlignedE };
        return Product<TShape>.Accumulate<TStored, TElement, DepthInner, TStored, TElement, DepthInner>(default, h, row, e, column, left, right);
    }

    /// <summary>A tile from registers to shared memory; whoever read the last one has passed a barrier of the product since.</summary>
    private static void Keep(Tile4 sum, ArrayView<float> logits)
    {
        int stride = default(TShape).TileColumns + 1, at = Product<TShape>.ThreadRow * stride + Product<TShape>.ThreadColumn;
        Keep(sum.R0, logits, at);
        Keep(sum.R1, logits, at + stride);
        Keep(sum.R2, logits, at + 2 * stride);
        Keep(sum.R3, logits, at + 3 * stride);
    }

    private static void Keep(Row4 row, ArrayView<float> logits, int at)
    {
        logits[at] = row.A;
        logits[at + 1] = row.B;
        logits[at + 2] = row.C;
        logits[at + 3] = row.D;
    }

    private static void GradientOfRow(CrossEntropyArguments a, int row, int column, Row4 logits)
    {
        if (row >= a.Rows)
            return;
        float normaliser = a.Normaliser[row], weight = a.Weights[row];
        int target = a.Targets[row] - a.First;
        GradientOf(a, row, column, logits.A, normaliser, weight, target);
        GradientOf(a, row, column + 1, logits.B, normaliser, weight, target);
        GradientOf(a, row, column + 2, logits.C, normaliser, weight, target);
        GradientOf(a, row, column + 3, logits.D, normaliser, weight, target);
    }

    // The two numbers are floats, not integers to be converted: of those ILGPU 1.5.3 makes the bits of the integer 1, a float of almost 0.
    private static void GradientOf(CrossEntropyArguments a, int row, int column, float logit, float normaliser, float weight, int target)
    {
        if (column < a.Columns)
            a.Gradient[row * a.Columns + column] = weight * (Functions.Exp(logit - normaliser) - (column == target ? 1f : 0f));
    }
}
