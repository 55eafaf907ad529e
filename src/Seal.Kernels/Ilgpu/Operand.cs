using ILGPU;

namespace Seal.Kernels.Ilgpu;

/// <summary>
/// One side of a product: element (row, k) for rows 0 … Rows and inner steps 0 … Depth, starting at an element of a buffer; beyond its
/// edges it is 0. "Row" is a column of the product where the operand stands on the right.
/// </summary>
internal struct Operand<T> where T : unmanaged
{
    public ArrayView<T> Values;

    public int Start, Stride, Rows, Depth;

    /// <summary>1 where the buffer begins at a multiple of a <see cref="Pack{T}"/>.</summary>
    public int Aligned;
}

/// <summary>Which index of an operand runs along memory.</summary>
internal interface IOrder
{
    bool DepthInner { get; }
}

/// <summary>Element (row, k) at Start + row · Stride + k: X and W of X·Wᵀ.</summary>
internal struct DepthInner : IOrder
{
    readonly bool IOrder.DepthInner => true;
}

/// <summary>Element (row, k) at Start + k · Stride + row: W of dY·W, both sides of a gradient.</summary>
internal struct DepthOuter : IOrder
{
    readonly bool IOrder.DepthInner => false;
}
