using Seal.Kernels.Native;

namespace Seal.Kernels;

public sealed partial class NativeOperators
{
    public override void Rope(DeviceBuffer x, int headDim, DeviceBuffer positions, DeviceBuffer cosSin, bool inverse) =>
        LibSeal.seal_rope(
            _engine, x.NativeType(), x.Pointer, x.Rows, x.Columns, headDim, positions.HostPointer, cosSin.Pointer, cosSin.Rows, inverse ? 1 : 0)
            .ThrowOnFailure();

    public override void Rope(DeviceBuffer q, DeviceBuffer k, int headDim, DeviceBuffer positions, DeviceBuffer cosSin, bool inverse) =>
        LibSeal.seal_rope_pair(
            _engine, q.NativeType(), q.Pointer, q.Columns, k.Pointer, k.Columns, q.Rows, headDim, positions.HostPointer, cosSin.Pointer, cosSin.Rows,
            inverse ? 1 : 0).ThrowOnFailure();
}
