using Seal.Kernels.Native;

namespace Seal.Kernels;

public sealed partial class NativeOperators
{
    public override void SwiGlu(DeviceBuffer gate, DeviceBuffer up, DeviceBuffer y) =>
        LibSeal.seal_swiglu(_engine, y.NativeType(), gate.Pointer, up.Pointer, y.Pointer, y.Elements).ThrowOnFailure();

    public override void SwiGluBackward(DeviceBuffer dy, DeviceBuffer gate, DeviceBuffer up, DeviceBuffer dgate, DeviceBuffer dup) =>
        LibSeal.seal_swiglu_backward(_engine, dy.NativeType(), dy.Pointer, gate.Pointer, up.Pointer, dgate.Pointer, dup.Pointer, dy.Elements)
            .ThrowOnFailure();
}
