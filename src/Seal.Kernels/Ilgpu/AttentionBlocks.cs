using ILGPU;

namespace Seal.Kernels.Ilgpu;

/// <summary>A block of queries or of keys of one packed sequence.</summary>
internal struct AttentionBlock
{
    /// <summary>The sequence's first row, its length, and the block's first row within it.</summary>
    public int Start, Length, First;
}

internal sealed partial class IlgpuOperators<TStored, TElement, TShape>
{
    private readonly Table<AttentionBlock> _blocks = new();

    /// <summary>The blocks of all sequences, counted from each sequence's first row: a row's sums do not depend on its neighbours in the pack.</summary>
    private void FillBlocks(BatchPlan plan, int rows)
    {
        _blocks.Clear();
        for (int i = 0; i < plan.Sequences.Count; i++)
            for (int first = 0; first < plan.Sequences[i].Length; first += rows)
                _blocks.Add(new AttentionBlock { Start = plan.Sequences[i].Start, Length = plan.Sequences[i].Length, First = first });
    }

    /// <summary>Rows first … first + rows of one head into shared memory, row after row at a stride; beyond the sequence 0.</summary>
    private static void StageHead(
        ArrayView<TStored> values, AttentionBlock block, int first, int rows, int columns, int column, int headDim, float scale, ArrayView<float> staged)
    {
        TElement element = default;
        for (int i = Group.IdxX; i < rows * headDim; i += Group.DimX)
        {
            int row = i / headDim, c = i % headDim;
            float value = 0;
            if (first + row < block.Length)
                value = element.Widen(values[(block.Start + first + row) * columns + column + c]) * scale;
            staged[row * HeadStride(headDim) + c] = value;
        }
    }

    /// <summary>Odd, so that the same column of neighbouring rows lies in different banks.</summary>
    private static int HeadStride(int headDim) => headDim | 1;

    private static float Dot(ArrayView<float> x, int xRow, ArrayView<float> y, int yRow, int headDim)
    {
        float sum = 0;
        int xAt = xRow * HeadStride(headDim), yAt = yRow * HeadStride(headDim);
        for (int c = 0; c < headDim; c++)
            sum = Fused.MultiplyAdd(x[xAt + c], y[yAt + c], sum);
        return sum;
    }

    /// <summary>The kernel that is compiled for heads as wide.</summary>
    private static Kernel<T> ForHeads<T>(int headDim, Kernel<T> upTo64, Kernel<T> upTo128, Kernel<T> upTo256) where T : struct, IArguments => headDim switch
    {
        <= 64 => upTo64,
        <= 128 => upTo128,
        <= 256 => upTo256,
        _ => throw new SealException($"heads of {headDim}: the ilgpu backend computes attention for heads of up to 256; use --backend native or torch"),
    };

    private static (int Queries, int Keys) BlocksFor(int headDim) => headDim switch
    {
        <= 64 => (default(Heads64).Queries, default(Heads64).Keys),
        <= 128 => (default(Heads128).Queries, default(Heads128).Keys),
        _ => (default(Heads256).Queries, default(Heads256).Keys),
    };
}
