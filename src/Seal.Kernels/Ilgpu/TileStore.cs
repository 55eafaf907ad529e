using ILGPU;

namespace Seal.Kernels.Ilgpu;

/// <summary>From a thread's registers to its rows of a product: rounded once, columns and rows beyond the edge left out.</summary>
internal static class TileStore
{
    /// <param name="y">The product's buffer.</param>
    /// <param name="start">Element of the tile's first row and column of this thread.</param>
    /// <param name="stride">Elements from row to row.</param>
    /// <param name="rows">Rows from there to the edge; may be 0 or less.</param>
    /// <param name="columns">Columns from there to the edge; may be 0 or less.</param>
    /// <param name="packed">Whether a whole pack may be written: start and stride are multiples of four, the buffer is aligned.</param>
    /// <param name="add">What stands there is added.</param>
    public static void Store<T, TElement>(ArrayView<T> y, int start, int stride, int rows, int columns, bool packed, bool add, Tile4 sum)
        where T : unmanaged
        where TElement : struct, IElement<T>
    {
        if (rows > 0)
            Store<T, TElement>(y, start, columns, packed, add, sum.R0);
        if (rows > 1)
            Store<T, TElement>(y, start + stride, columns, packed, add, sum.R1);
        if (rows > 2)
            Store<T, TElement>(y, start + 2 * stride, columns, packed, add, sum.R2);
        if (rows > 3)
            Store<T, TElement>(y, start + 3 * stride, columns, packed, add, sum.R3);
    }

    private static void Store<T, TElement>(ArrayView<T> y, int at, int columns, bool packed, bool add, Row4 row)
        where T : unmanaged
        where TElement : struct, IElement<T>
    {
        TElement element = default;
        if (packed && columns >= 4)
        {
            ArrayView<Pack<T>> packs = y.Cast<Pack<T>>();
            Pack<T> pack = default;
            if (add)
                pack = packs[at / 4];
            packs[at / 4] = new Pack<T> // a fresh one is 0
            {
                A = element.Narrow(element.Widen(pack.A) + row.A),
                B = element.Narrow(element.Widen(pack.B) + row.B),
                C = element.Narrow(element.Widen(pack.C) + row.C),
                D = element.Narrow(element.Widen(pack.D) + row.D),
            };
            return;
        }
        if (columns > 0)
            Store<T, TElement>(y, at, add, row.A);
        if (columns > 1)
            Store<T, TElement>(y, at + 1, add, row.B);
        if (columns > 2)
            Store<T, TElement>(y, at + 2, add, row.C);
        if (columns > 3)
            Store<T, TElement>(y, at + 3, add, row.D);
    }

    private static void Store<T, TElement>(ArrayView<T> y, int at, bool add, float value)
        where T : unmanaged
        where TElement : struct, IElement<T>
    {
        TElement element = default;
        y[at] = element.Narrow(add ? element.Widen(y[at]) + value : value);
    }
}
