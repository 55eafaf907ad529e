using ILGPU;

namespace Seal.Kernels.Ilgpu;

internal sealed partial class IlgpuOperators<TStored, TElement, TShape>
{
    internal struct FactorGradientArguments : IArguments
    {
        public ArrayView<ProductPart> Parts;
        public ArrayView<TStored> Rows; // x for dA, dy for dB
        public ArrayView<float> U;
        public ArrayView<TStored> Z;
        public ArrayView<float> Gradients;
        public int Tiles;
        public int Columns; // of Rows
        public int ZColumns;
        public int AlignedRows;
        public int AlignedZ;
        public int AlignedGradients;

        public readonly void Pack(ref ParameterBytes bytes)
        {
            bytes.Add(Parts);
            bytes.Add(Rows);
            bytes.Add(U);
            bytes.Add(Z);
            bytes.Add(Gradients);
            bytes.Add(Tiles);
            bytes.Add(Columns);
            bytes.Add(ZColumns);
            bytes.Add(AlignedRows);
            bytes.Add(AlignedZ);
            bytes.Add(AlignedGradients);
        }
    }

    private static readonly Kernel<FactorGradientArguments> DownGradientKernel = new(DownGradient);
    private static readonly Kernel<FactorGradientArguments> UpGradientKernel = new(UpGradient);

    private readonly HashSet<int> _launched = [];

    /// <summary>
    /// dA += uᵀ·x for all members in one launch, dB += dyᵀ·z in one a member. An adapter with several segments gets as many launches: no two
    /// groups may add to one gradient at once.
    /// </summary>
    private void FactorGradients(
        ReadOnlySpan<DeviceBuffer> dy, DeviceBuffer x, DeviceBuffer z, DeviceBuffer u, LinearGroup group, AdapterSet adapters, BatchPlan plan)
    {
        for (int first = 0; first < plan.Segments.Count;)
        {
            int end = first;
            _launched.Clear();
            while (end < plan.Segments.Count && (plan.Segments[end].Adapter < 0 || _launched.Add(plan.Segments[end].Adapter)))
                end++;
            _parts.Clear();
            for (int i = 0; i < dy.Length; i++)
                for (int s = first; s < end; s++)
                    _parts.AddAdapted(plan.Segments[s], adapters, group, i, Extent.Rank, Extent.Inputs);
            LaunchGradient(DownGradientKernel, x, z, u, adapters);
            for (int i = 0; i < dy.Length; i++)
            {
                _parts.Clear();
                for (int s = first; s < end; s++)
                    _parts.AddAdapted(plan.Segments[s], adapters, group, i, Extent.Outputs, Extent.Rank);
                LaunchGradient(UpGradientKernel, dy[i], z, u, adapters);
            }
            first = end;
        }
    }

    private void LaunchGradient(Kernel<FactorGradientArguments> kernel, DeviceBuffer rows, DeviceBuffer z, DeviceBuffer u, AdapterSet adapters)
    {
        DeviceBuffer gradients = adapters.Gradients;
        _launcher.Launch(kernel, _parts.Tiles, new()
        {
            Parts = View(_parts.Table),
            Rows = View<TStored>(rows),
            U = View<float>(u),
            Z = View<TStored>(z),
            Gradients = View<float>(gradients),
            Tiles = _parts.Tiles,
            Columns = rows.Columns,
            ZColumns = z.Columns,
            AlignedRows = AlignedForPacks(rows),
            AlignedZ = AlignedForPacks(z),
            AlignedGradients = AlignedForPacks(gradients),
        });
    }

    /// <summary>dA += uᵀ·x: rank x inputs, summed over the part's rows in order.</summary>
    internal static void DownGradient(FactorGradientArguments a)
    {
        TShape shape = default;
        ArrayView<float> left = SharedMemory.Allocate<float>(default(TShape).TileDepth * Product<TShape>.LeftStride);
        ArrayView<float> right = SharedMemory.Allocate<float>(default(TShape).TileDepth * Product<TShape>.RightStride);
        for (int tile = Grid.IdxX; tile < a.Tiles; tile += Grid.DimX)
        {
            ProductPart part = ProductPart.Of(a.Parts, tile);
            int row = part.TileRow(tile) * shape.TileRows, column = part.TileColumn(tile) * shape.TileColumns;
            Operand<float> u = new() { Values = a.U, Start = part.Start * a.ZColumns + part.Column, Stride = a.ZColumns, Rows = part.Rank, Depth = part.Rows, Aligned = 1 };
            Operand<TStored> x = new() { Values = a.Rows, Start = part.Start * a.Columns, Stride = a.Columns, Rows = a.Columns, Depth = part.Rows, Aligned = a.AlignedRows };
            Tile4 sum = Product<TShape>.Accumulate<float, F32Element, DepthOuter, TStored, TElement, DepthOuter>(default, u, row, x, column, left, right);
            StoreGradient(a, part.A, a.Columns, part.Rank, a.Columns, row, column, sum);
        }
    }

    /// <summary>dB += dyᵀ·z: outputs x rank, summed over the part's rows in order.</summary>
    internal static void UpGradient(FactorGradientArguments a)
    {
        TShape shape = default;
        ArrayView<float> left = SharedMemory.Allocate<float>(default(TShape).TileDepth * Product<TShape>.LeftStride);
        ArrayView<float> right = SharedMemory.Allocate<float>(default(TShape).TileDepth * Product<TShape>.RightStride);
        for (int tile = Grid.IdxX; tile < a.Tiles; tile += Grid.DimX)
        {
            ProductPart part = ProductPart.Of(a.Parts, tile);
            int row = part.TileRow(tile) * shape.TileRows, column = part.TileColumn(tile) * shape.TileColumns;
            Operand<TStored> dy = new() { Values = a.Rows, Start = part.Start * a.Columns, Stride = a.Columns, Rows = a.Columns, Depth = part.Rows, Aligned = a.AlignedRows };
            Operand<TStored> z = new() { Values = a.Z, Start = part.Start * a.ZColumns + part.Column, Stride = a.ZColumns, Rows = part.Rank, Depth = part.Rows, Aligned = a.AlignedZ };
            Tile4 sum = Product<TShape>.Accumulate<TStored, TElement, DepthOuter, TStored, TElement, DepthOuter>(default, dy, row, z, column, left, right);
            StoreGradient(a, part.B, part.Rank, a.Columns, part.Rank, row, column, sum);
        }
    }

    private static void StoreGradient(FactorGradientArguments a, int start, int stride, int rows, int columns, int row, int column, Tile4 sum)
    {
        row += Product<TShape>.ThreadRow;
        column += Product<TShape>.ThreadColumn;
        bool packed = a.AlignedGradients != 0 && ((start | stride) & 3) == 0;
        TileStore.Store<float, F32Element>(a.Gradients, start + row * stride + column, stride, rows - row, columns - column, packed, true, sum);
    }
}
