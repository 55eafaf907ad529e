using Seal.Kernels.Native;

namespace Seal.Kernels;

public sealed partial class NativeOperators
{
    public override void GatherRows(DeviceBuffer x, DeviceBuffer rows, DeviceBuffer y) =>
        LibSeal.seal_gather_rows(_engine, x.NativeType(), x.Pointer, x.Rows, x.Columns, rows.HostPointer, rows.Elements, y.Pointer).ThrowOnFailure();

    public override void ScatterRows(DeviceBuffer x, DeviceBuffer rows, DeviceBuffer y) =>
        LibSeal.seal_scatter_rows(_engine, y.NativeType(), x.Pointer, rows.HostPointer, rows.Elements, y.Columns, y.Pointer, y.Rows).ThrowOnFailure();
}
