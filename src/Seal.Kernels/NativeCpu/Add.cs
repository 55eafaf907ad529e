using Seal.Kernels.Native;

namespace Seal.Kernels;

public sealed partial class NativeOperators
{
    public override void Add(DeviceBuffer x, DeviceBuffer y) =>
        LibSeal.seal_add(_engine, x.NativeType(), x.Pointer, y.Pointer, y.Elements).ThrowOnFailure();
}
