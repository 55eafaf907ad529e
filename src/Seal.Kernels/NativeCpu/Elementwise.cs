using Seal.Kernels.Native;

namespace Seal.Kernels;

public sealed partial class NativeOperators
{
    public override void Add(DeviceBuffer x, DeviceBuffer y) =>
        LibSeal.seal_add(_engine, x.NativeType(), x.Pointer, y.Pointer, y.Elements).ThrowOnFailure();

    public override void Cast(DeviceBuffer x, DeviceBuffer y) =>
        LibSeal.seal_cast(_engine, x.NativeType(), x.Pointer, y.NativeType(), y.Pointer, y.Elements).ThrowOnFailure();

    public override void Zero(DeviceBuffer y) => LibSeal.seal_memory_clear(_engine, y.Pointer, y.Bytes).ThrowOnFailure();
}
