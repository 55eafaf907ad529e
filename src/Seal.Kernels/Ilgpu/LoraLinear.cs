using ILGPU;

namespace Seal.Kernels.Ilgpu;

internal sealed partial class IlgpuOperators<TStored, TElement, TShape>
{
    internal struct LoraDownArguments : IArguments
    {
        public ArrayView<ProductPart> Parts;
        public ArrayView<TStored> X;
        public ArrayView<TStored> A;
        public ArrayView<TStored> Z;
        public int Tiles;
        public int Inputs;
        public int ZColumns;
        public int AlignedX;
        public int AlignedA;

        public readonly void Pack(ref ParameterBytes bytes)
        {
            bytes.Add(Parts);
            bytes.Add(X);
            bytes.Add(A);
            bytes.Add(Z);
            bytes.Add(Tiles);
            bytes.Add(Inputs);
            bytes.Add(ZColumns);
            bytes.Add(AlignedX);
            bytes.Add(AlignedA);
        }
    }

    internal struct LinearArguments<TOut> : IArguments where TOut : unmanaged
    {
        public ArrayView<ProductPart> Parts;
        public ArrayView<TStored> X;
        public ArrayView<TStored> W;
        public ArrayView<float> Bias;
        public ArrayView<TStored> Z;
        public ArrayView<TStored> B;
        public ArrayView<TOut> Y;
        public int Tiles;
        public int Inputs;
        public int Outputs;
        public int ZColumns;
        public int AlignedX;
        public int AlignedW;
        public int AlignedZ;
        public int AlignedB;
        public int AlignedY;

        public readonly void Pack(ref ParameterBytes bytes)
        {
            bytes.Add(Parts);
            bytes.Add(X);
            bytes.Add(W);
            bytes.Add(Bias);
            bytes.Add(Z);
            bytes.Add(B);
            bytes.Add(Y);
            bytes.Add(Tiles);
            bytes.Add(Inputs);
            bytes.Add(Outputs);
            bytes.Add(ZColumns);
            bytes.Add(AlignedX);
            bytes.Add(AlignedW);
            bytes.Add(AlignedZ);
            bytes.Add(AlignedB);
            bytes.Add(AlignedY);
        }
    }

    private static readonly Kernel<LoraDownArguments> LoraDownKernel = new(LoraDown);
    private static readonly Kernel<LinearArguments<TStored>> LinearKernel = new(Linear<TStored, TElement>);

    private readonly ProductParts _parts = new();

    /// <summary>One launch for z of all members, one a member for y.</summary>
    public override void LoraLinear(
        DeviceBuffer x, LinearGroup group, AdapterSet? adapters, BatchPlan plan, DeviceBuffer z, ReadOnlySpan<DeviceBuffer> y)
    {
        DeviceBuffer working = adapters is null ? DeviceBuffer.None : FlatAdapters.Of(adapters);
        if (adapters is not null)
        {
            _parts.Clear();
            for (int i = 0; i < y.Length; i++)
                _parts.AddAdapted(plan, adapters, group, i, Extent.Rows, Extent.Rank);
            _launcher.Launch(LoraDownKernel, _parts.Tiles, new()
            {
                Parts = View(_parts.Table),
                X = View<TStored>(x),
                A = View<TStored>(working),
                Z = View<TStored>(z),
                Tiles = _parts.Tiles,
                Inputs = x.Columns,
                ZColumns = z.Columns,
                AlignedX = AlignedForPacks(x),
                AlignedA = AlignedForPacks(working),
            });
        }
        for (int i = 0; i < y.Length; i++)
        {
            LinearMember member = group.Members[i];
            DeviceBuffer weight = Own(member.Weight).Matrix;
            _parts.Clear();
            if (adapters is null)
                _parts.AddRows(x.Rows, weight.Rows);
            else
                _parts.AddAll(plan, adapters, group, i, weight.Rows);
            _launcher.Launch(LinearKernel, _parts.Tiles, new()
            {
                Parts = View(_parts.Table),
                X = View<TStored>(x),
                W = View<TStored>(weight),
                Bias = View<float>(member.Bias),
                Z = View<TStored>(z),
                B = View<TStored>(working),
                Y = View<TStored>(y[i]),
                Tiles = _parts.Tiles,
                Inputs = x.Columns,
                Outputs = weight.Rows,
                ZColumns = z.Columns,
                AlignedX = AlignedForPacks(x),
                AlignedW = AlignedForPacks(weight),
                AlignedZ = AlignedForPacks(z),
                AlignedB = AlignedForPacks(working),
                AlignedY = AlignedForPacks(y[i]),
            });
        }
    }

    /// <summary>z = s·x·Aᵀ into the part's columns of Z.</summary>
    internal static void LoraDown(LoraDownArguments a)
    {
        TShape shape = default;
        ArrayView<float> left = SharedMemory.Allocate<float>(default(TShape).TileDepth * Product<TShape>.LeftStride);
        ArrayView<float> right = SharedMemory.Allocate<float>(default(TShape).TileDepth * Product<TShape>.RightStride);
        for (int tile = Grid.IdxX; tile < a.Tiles; tile += Grid.DimX)
        {
            ProductPart part = ProductPart.Of(a.Parts, tile);
            int row = part.TileRow(tile) * shape.TileRows, column = part.TileColumn(tile) * shape.TileColumns;
            Operand<TStored> x = new() { Values = a.X, Start = part.Start * a.Inputs, Stride = a.Inputs, Rows = part.Rows, Depth = a.Inputs, Aligned = a.AlignedX };
            Operand<TStored> down = new() { Values = a.A, Start = part.A, Stride = a.Inputs, Rows = part.Rank, Depth = a.Inputs, Aligned = a.AlignedA };
            Tile4 sum = Product<TShape>.Accumulate<TStored, TElement, DepthInner, TStored, TElement, DepthInner>(default, x, row, down, column, left, right);
            row += Product<TShape>.ThreadRow;
            column += Product<TShape>.ThreadColumn;
            TileStore.Store<TStored, TElement>(
                a.Z, (part.Start + row) * a.ZColumns + part.Column + column, a.ZColumns, part.Rows - row, part.Rank - column, false, false, sum.Times(part.Scale));
        }
    }

    /// <summary>y = x·Wᵀ + z·Bᵀ + bias: the sum over the rank follows the sum over the inputs in the same registers.</summary>
    internal static void Linear<TOut, TOutElement>(LinearArguments<TOut> a)
        where TOut : unmanaged
        where TOutElement : struct, IElement<TOut>
    {
        TShape shape = default;
        ArrayView<float> left = SharedMemory.Allocate<float>(default(TShape).TileDepth * Product<TShape>.LeftStride);
        ArrayView<float> right = SharedMemory.Allocate<float>(default(TShape).TileDepth * Product<TShape>.RightStride);
        for (int tile = Grid.IdxX; tile < a.Tiles; tile += Grid.DimX)
        {
            ProductPart part = ProductPart.Of(a.Parts, tile);
            int row = part.TileRow(tile) * shape.TileRows, column = part.TileColumn(tile) * shape.TileColumns;
            Operand<TStored> x = new() { Values = a.X, Start = part.Start * a.Inputs, Stride = a.Inputs, Rows = part.Rows, Depth = a.Inputs, Aligned = a.AlignedX };
            Operand<TStored> w = new() { Values = a.W, Stride = a.Inputs, Rows = a.Outputs, Depth = a.Inputs, Aligned = a.AlignedW };
            Tile4 sum = Product<TShape>.Accumulate<TStored, TElement, DepthInner, TStored, TElement, DepthInner>(default, x, row, w, column, left, right);
            if (part.Rank > 0)
            {
                Operand<TStored> z = new() { Values = a.Z, Start = part.Start * a.ZColumns + part.Column, Stride = a.ZColumns, Rows = part.Rows, Depth = part.Rank, Aligned = a.AlignedZ };
                Operand<TStored> up = new() { Values = a.B, Start = part.B, Stride = part.Rank, Rows = a.Outputs, Depth = part.Rank, Aligned = a.AlignedB };
                sum = Product<TShape>.Accumulate<TStored, TElement, DepthInner, TStored, TElement, DepthInner>(sum, z, row, up, column, left, right);
            }
            row += Product<TShape>.ThreadRow;
            column += Product<TShape>.ThreadColumn;
            if (a.Bias.Length > 0)
                sum = sum.PlusRow(BiasAt(a.Bias, column));
            TileStore.Store<TOut, TOutElement>(
                a.Y, (part.Start + row) * a.Outputs + column, a.Outputs, part.Rows - row, a.Outputs - column, a.AlignedY != 0 && a.Outputs % 4 == 0, false, sum);
        }
    }

    private static Row4 BiasAt(ArrayView<float> bias, int column)
    {
        Row4 row = default;
        if (column < bias.IntLength)
            row.A = bias[column];
        if (column + 1 < bias.IntLength)
            row.B = bias[column + 1];
        if (column + 2 < bias.IntLength)
            row.C = bias[column + 2];
        if (column + 3 < bias.IntLength)
            row.D = bias[column + 3];
        return row;
    }
}
