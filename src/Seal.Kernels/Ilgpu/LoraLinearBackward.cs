using ILGPU;

namespace Seal.Kernels.Ilgpu;

internal sealed partial class IlgpuOperators<TStored, TElement, TShape>
{
    internal struct LoraUpArguments : IArguments
    {
        public ArrayView<ProductPart> Parts;
        public ArrayView<TStored> Dy;
        public ArrayView<TStored> B;
        public ArrayView<float> U;
        public int Tiles;
        public int Outputs;
        public int ZColumns;
        public int AlignedDy;
        public int AlignedB;

        public readonly void Pack(ref ParameterBytes bytes)
        {
            bytes.Add(Parts);
            bytes.Add(Dy);
            bytes.Add(B);
            bytes.Add(U);
            bytes.Add(Tiles);
            bytes.Add(Outputs);
            bytes.Add(ZColumns);
            bytes.Add(AlignedDy);
            bytes.Add(AlignedB);
        }
    }

    internal struct LinearBackwardArguments<TLeft, TOut> : IArguments where TLeft : unmanaged where TOut : unmanaged
    {
        public ArrayView<ProductPart> Parts;
        public ArrayView<TLeft> Dy;
        public ArrayView<TStored> W;
        public ArrayView<float> U;
        public ArrayView<TStored> A;
        public ArrayView<TOut> Dx;
        public int Tiles;
        public int Inputs;
        public int Outputs;
        public int ZColumns;
        public int Add;
        public int AlignedDy;
        public int AlignedW;
        public int AlignedA;
        public int AlignedDx;

        public readonly void Pack(ref ParameterBytes bytes)
        {
            bytes.Add(Parts);
            bytes.Add(Dy);
            bytes.Add(W);
            bytes.Add(U);
            bytes.Add(A);
            bytes.Add(Dx);
            bytes.Add(Tiles);
            bytes.Add(Inputs);
            bytes.Add(Outputs);
            bytes.Add(ZColumns);
            bytes.Add(Add);
            bytes.Add(AlignedDy);
            bytes.Add(AlignedW);
            bytes.Add(AlignedA);
            bytes.Add(AlignedDx);
        }
    }

    private static readonly Kernel<LoraUpArguments> LoraUpKernel = new(LoraUp);
    private static readonly Kernel<LinearBackwardArguments<TStored, TStored>> LinearBackwardKernel = new(LinearBackward<TStored, TElement, TStored, TElement>);

    /// <summary>u = s·dy·B and dx a member, then the gradients of the factors.</summary>
    public override void LoraLinearBackward(
        ReadOnlySpan<DeviceBuffer> dy, DeviceBuffer x, DeviceBuffer z, LinearGroup group, AdapterSet adapters, BatchPlan plan, DeviceBuffer dx)
    {
        _scratch.Reset();
        bool adapted = adapters.Touches(group);
        DeviceBuffer u = adapted ? _scratch.Wide(x.Rows, z.Columns) : DeviceBuffer.None;
        for (int i = 0; i < dy.Length; i++)
        {
            if (adapted)
                LaunchUp(dy[i], group, i, adapters, plan, u);
            if (!dx.IsNone)
                LaunchBackward(dy[i], group, i, adapters, plan, u, dx);
        }
        if (adapted)
            FactorGradients(dy, x, z, u, group, adapters, plan);
    }

    private void LaunchUp(DeviceBuffer dy, LinearGroup group, int member, AdapterSet adapters, BatchPlan plan, DeviceBuffer u)
    {
        DeviceBuffer working = FlatAdapters.Of(adapters);
        _parts.Clear();
        _parts.AddAdapted(plan, adapters, group, member, Extent.Rows, Extent.Rank);
        _launcher.Launch(LoraUpKernel, _parts.Tiles, new()
        {
            Parts = View(_parts.Table),
            Dy = View<TStored>(dy),
            B = View<TStored>(working),
            U = View<float>(u),
            Tiles = _parts.Tiles,
            Outputs = dy.Columns,
            ZColumns = u.Columns,
            AlignedDy = AlignedForPacks(dy),
            AlignedB = AlignedForPacks(working),
        });
    }

    private void LaunchBackward(
        DeviceBuffer dy, LinearGroup group, int member, AdapterSet adapters, BatchPlan plan, DeviceBuffer u, DeviceBuffer dx)
    {
        DeviceBuffer working = FlatAdapters.Of(adapters), weight = Own(group.Members[member].Weight).Matrix;
        _parts.Clear();
        _parts.AddAll(plan, adapters, group, member, dx.Columns);
        _launcher.Launch(LinearBackwardKernel, _parts.Tiles, new()
        {
            Parts = View(_parts.Table),
            Dy = View<TStored>(dy),
            W = View<TStored>(weight),
            U = View<float>(u),
            A = View<TStored>(working),
            Dx = View<TStored>(dx),
            Tiles = _parts.Tiles,
            Inputs = dx.Columns,
            Outputs = dy.Columns,
            ZColumns = u.Columns,
            Add = member > 0 ? 1 : 0,
            AlignedDy = AlignedForPacks(dy),
            AlignedW = AlignedForPacks(weight),
            AlignedA = AlignedForPacks(working),
            AlignedDx = AlignedForPacks(dx),
        });
    }

    /// <summary>u = s·dy·B into the part's columns of U, in f32.</summary>
    internal static void LoraUp(LoraUpArguments a)
    {
        TShape shape = default;
        ArrayView<float> left = SharedMemory.Allocate<float>(default(TShape).TileDepth * Product<TShape>.LeftStride);
        ArrayView<float> right = SharedMemory.Allocate<float>(default(TShape).TileDepth * Product<TShape>.RightStride);
        for (int tile = Grid.IdxX; tile < a.Tiles; tile += Grid.DimX)
        {
            ProductPart part = ProductPart.Of(a.Parts, tile);
            int row = part.TileRow(tile) * shape.TileRows, column = part.TileColumn(tile) * shape.TileColumns;
            Operand<TStored> dy = new() { Values = a.Dy, Start = part.Start * a.Outputs, Stride = a.Outputs, Rows = part.Rows, Depth = a.Outputs, Aligned = a.AlignedDy };
            Operand<TStored> up = new() { Values = a.B, Start = part.B, Stride = part.Rank, Rows = part.Rank, Depth = a.Outputs, Aligned = a.AlignedB };
            Tile4 sum = Product<TShape>.Accumulate<TStored, TElement, DepthInner, TStored, TElement, DepthOuter>(default, dy, row, up, column, left, right);
            row += Product<TShape>.ThreadRow;
            column += Product<TShape>.ThreadColumn;
            TileStore.Store<float, F32Element>(
                a.U, (part.Start + row) * a.ZColumns + part.Column + column, a.ZColumns, part.Rows - row, part.Rank - column, false, false, sum.Times(part.Scale));
        }
    }

    /// <summary>dx (+)= dy·W + u·A, with a longer sum as in <see cref="Linear"/>.</summary>
    internal static void LinearBackward<TLeft, TLeftElement, TOut, TOutElement>(LinearBackwardArguments<TLeft, TOut> a)
        where TLeft : unmanaged
        where TLeftElement : struct, IElement<TLeft>
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
            Operand<TLeft> dy = new() { Values = a.Dy, Start = part.Start * a.Outputs, Stride = a.Outputs, Rows = part.Rows, Depth = a.Outputs, Aligned = a.AlignedDy };
            Operand<TStored> w = new() { Values = a.W, Stride = a.Inputs, Rows = a.Inputs, Depth = a.Outputs, Aligned = a.AlignedW };
            Tile4 sum = Product<TShape>.Accumulate<TLeft, TLeftElement, DepthInner, TStored, TElement, DepthOuter>(default, dy, row, w, column, left, right);
            if (part.Rank > 0)
            {
                Operand<float> u = new() { Values = a.U, Start = part.Start * a.ZColumns + part.Column, Stride = a.ZColumns, Rows = part.Rows, Depth = part.Rank, Aligned = 1 };
                Operand<TStored> down = new() { Values = a.A, Start = part.A, Stride = a.Inputs, Rows = a.Inputs, Depth = part.Rank, Aligned = a.AlignedA };
                sum = Product<TShape>.Accumulate<float, F32Element, DepthInner, TStored, TElement, DepthOuter>(sum, u, row, down, column, left, right);
            }
            row += Product<TShape>.ThreadRow;
            column += Product<TShape>.ThreadColumn;
            TileStore.Store<TOut, TOutElement>(
                a.Dx, (part.Start + row) * a.Inputs + column, a.Inputs, part.Rows - row, a.Inputs - column, a.AlignedDx != 0 && a.Inputs % 4 == 0, a.Add != 0, sum);
        }
    }
}
