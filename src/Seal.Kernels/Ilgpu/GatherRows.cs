using ILGPU;

namespace Seal.Kernels.Ilgpu;

internal sealed partial class IlgpuOperators<TStored, TElement, TShape>
{
    /// <summary>Row i of Y is row From[i] of X, or row To[i] of Y is row i of X: one of the lists is empty. A row number below 0 is left out.</summary>
    internal struct RowsArguments : IArguments
    {
        public ArrayView<TStored> X;
        public ArrayView<int> From;
        public ArrayView<int> To;
        public ArrayView<TStored> Y;
        public int Columns;

        public readonly void Pack(ref ParameterBytes bytes)
        {
            bytes.Add(X);
            bytes.Add(From);
            bytes.Add(To);
            bytes.Add(Y);
            bytes.Add(Columns);
        }
    }

    private static readonly Kernel<RowsArguments> CopyRowsKernel = new(CopyRows);

    public override void GatherRows(DeviceBuffer x, DeviceBuffer rows, DeviceBuffer y) =>
        _launcher.Launch(CopyRowsKernel, GroupsOf(y.Elements), new()
        {
            X = View<TStored>(x),
            From = View<int>(rows),
            Y = View<TStored>(y),
            Columns = y.Columns,
        });

    public override void ScatterRows(DeviceBuffer x, DeviceBuffer rows, DeviceBuffer y)
    {
        Zero(y);
        _launcher.Launch(CopyRowsKernel, GroupsOf(x.Elements), new()
        {
            X = View<TStored>(x),
            To = View<int>(rows),
            Y = View<TStored>(y),
            Columns = y.Columns,
        });
    }

    /// <summary>2 bytes or 4 read and written an element.</summary>
    internal static void CopyRows(RowsArguments a)
    {
        int rows = a.From.IntLength + a.To.IntLength;
        for (int i = Grid.IdxX * Group.DimX + Group.IdxX; i < rows * a.Columns; i += Grid.DimX * Group.DimX)
        {
            int row = i / a.Columns, column = i % a.Columns;
            int from = row, to = row;
            if (a.From.IntLength > 0)
                from = a.From[row];
            else
                to = a.To[row];
            if (from >= 0 && to >= 0)
                a.Y[to * a.Columns + column] = a.X[from * a.Columns + column];
        }
    }
}
