using ILGPU;

namespace Seal.Kernels.Ilgpu;

/// <summary>
/// Every product of matrices here: a tile of left · rightᵀ, staged chunk by chunk in shared memory as f32, four by four elements a thread.
/// For one tile of R x C with inner dimension K: 2·R·C·K FLOPs, (R + C)·K elements read. A tile may be summed over several products, as a
/// linear's is over X·Wᵀ and Z·Bᵀ ("a longer K"): the sum stays in registers. The order of a sum depends on K alone.
/// </summary>
internal static class Product<TShape> where TShape : struct, IShape
{
    // Four more than a tile has, so that rows of four steps lie in different banks and still begin at 16 bytes.
    private const int Padding = 4;

    public static int LeftStride => default(TShape).TileRows + Padding;

    public static int RightStride => default(TShape).TileColumns + Padding;

    public static int ThreadRow => Group.IdxX / (default(TShape).TileColumns / 4) * 4;

    public static int ThreadColumn => Group.IdxX % (default(TShape).TileColumns / 4) * 4;

    public static int TilesOf(int length, int tile) => (length + tile - 1) / tile;

    /// <summary>sum + the tile of left · rightᵀ that begins at this row and column.</summary>
    /// <param name="leftStaged">Shared memory, TileDepth x LeftStride numbers.</param>
    /// <param name="rightStaged">Shared memory, TileDepth x RightStride numbers.</param>
    public static Tile4 Accumulate<TLeft, TLeftElement, TLeftOrder, TRight, TRightElement, TRightOrder>(
        Tile4 sum, Operand<TLeft> left, int row, Operand<TRight> right, int column, ArrayView<float> leftStaged, ArrayView<float> rightStaged)
        where TLeft : unmanaged
        where TLeftElement : struct, IElement<TLeft>
        where TLeftOrder : struct, IOrder
        where TRight : unmanaged
        where TRightElement : struct, IElement<TRight>
        where TRightOrder : struct, IOrder
    {
        TShape shape = default;
        ArrayView<Row4> leftRows = leftStaged.Cast<Row4>(), rightRows = rightStaged.Cast<Row4>();
        int leftAt = ThreadRow / 4, rightAt = ThreadColumn / 4;
        for (int k = 0; k < left.Depth; k += shape.TileDepth)
        {
            int steps = IntrinsicMath.Min(shape.TileDepth, left.Depth - k);
            Group.Barrier(); // the chunk before is no longer read
            Stage<TLeft, TLeftElement, TLeftOrder>(left, row, k, steps, shape.TileRows, LeftStride, leftStaged);
            Stage<TRight, TRightElement, TRightOrder>(right, column, k, steps, shape.TileColumns, RightStride, rightStaged);
            Group.Barrier();
            if (steps == shape.TileDepth)
                for (int step = 0; step < shape.TileDepth; step++) // a constant: ILGPU unrolls it
                    sum = sum.Plus(leftRows[step * (LeftStride / 4) + leftAt], rightRows[step * (RightStride / 4) + rightAt]);
            else
                for (int step = 0; step < steps; step++)
                    sum = sum.Plus(leftRows[step * (LeftStride / 4) + leftAt], rightRows[step * (RightStride / 4) + rightAt]);
        }
        return sum;
    }

    /// <summary>Rows of an operand into staged[step · stride + row]; what lies beyond its rows becomes 0.</summary>
    private static void Stage<T, TElement, TOrder>(
        Operand<T> operand, int row, int k, int steps, int rows, int stride, ArrayView<float> staged)
        where T : unmanaged
        where TElement : struct, IElement<T>
        where TOrder : struct, IOrder
    {
        TOrder order = default;
        int along = order.DepthInner ? operand.Depth : operand.Rows;
        bool packed = operand.Aligned != 0 && ((operand.Start | operand.Stride | along) & 3) == 0;
        if (order.DepthInner)
        {
            if (packed)
                StagePacksAlongDepth<T, TElement>(operand, row, k, steps, rows, stride, staged);
            else
                StageAlongDepth<T, TElement>(operand, row, k, steps, rows, stride, staged);
        }
        else if (packed)
            StagePacksAlongRows<T, TElement>(operand, row, k, steps, rows, stride, staged);
        else
            StageAlongRows<T, TElement>(operand, row, k, steps, rows, stride, staged);
    }

    private static void StagePacksAlongDepth<T, TElement>(Operand<T> operand, int row, int k, int steps, int rows, int stride, ArrayView<float> staged)
        where T : unmanaged
        where TElement : struct, IElement<T>
    {
        ArrayView<Pack<T>> packs = operand.Values.Cast<Pack<T>>();
        int across = steps / 4;
        for (int i = Group.IdxX; i < rows * across; i += Group.DimX)
        {
            int r = i / across, step = i % across * 4;
            Row4 four = default;
            if (row + r < operand.Rows)
                four = Widen<T, TElement>(packs[(operand.Start + (row + r) * operand.Stride + k + step) / 4]);
            staged[step * stride + r] = four.A;
            staged[(step + 1) * stride + r] = four.B;
            staged[(step + 2) * stride + r] = four.C;
            staged[(step + 3) * stride + r] = four.D;
        }
    }

    private static void StageAlongDepth<T, TElement>(Operand<T> operand, int row, int k, int steps, int rows, int stride, ArrayView<float> staged)
        where T : unmanaged
        where TElement : struct, IElement<T>
    {
        TElement element = default;
        for (int i = Group.IdxX; i < rows * steps; i += Group.DimX)
        {
            int r = i / steps, step = i % steps;
            float value = 0;
            if (row + r < operand.Rows)
                value = element.Widen(operand.Values[operand.Start + (row + r) * operand.Stride + k + step]);
            staged[step * stride + r] = value;
        }
    }

    private static void StagePacksAlongRows<T, TElement>(Operand<T> operand, int row, int k, int steps, int rows, int stride, ArrayView<float> staged)
        where T : unmanaged
        where TElement : struct, IElement<T>
    {
        ArrayView<Pack<T>> packs = operand.Values.Cast<Pack<T>>();
        ArrayView<Row4> stagedRows = staged.Cast<Row4>();
        int across = rows / 4;
        for (int i = Group.IdxX; i < steps * across; i += Group.DimX)
        {
            int step = i / across, r = i % across * 4;
            Row4 four = default;
            if (row + r < operand.Rows)
                four = Widen<T, TElement>(packs[(operand.Start + (k + step) * operand.Stride + row + r) / 4]);
            stagedRows[(step * stride + r) / 4] = four;
        }
    }

    private static void StageAlongRows<T, TElement>(Operand<T> operand, int row, int k, int steps, int rows, int stride, ArrayView<float> staged)
        where T : unmanaged
        where TElement : struct, IElement<T>
    {
        TElement element = default;
        for (int i = Group.IdxX; i < rows * steps; i += Group.DimX)
        {
            int step = i / rows, r = i % rows;
            float value = 0;
            if (row + r < operand.Rows)
                value = element.Widen(operand.Values[operand.Start + (k + step) * operand.Stride + row + r]);
            staged[step * stride + r] = value;
        }
    }

    private static Row4 Widen<T, TElement>(Pack<T> pack)
        where T : unmanaged
        where TElement : struct, IElement<T>
    {
        TElement element = default;
        return new Row4(element.Widen(pack.A), element.Widen(pack.B), element.Widen(pack.C), element.Widen(pack.D));
    }
}
