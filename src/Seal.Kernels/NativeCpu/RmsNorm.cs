using Seal.Kernels.Native;

namespace Seal.Kernels;

public sealed partial class NativeOperators
{
    public override void RmsNorm(
        DeviceBuffer x, DeviceBuffer delta, DeviceBuffer sum, DeviceBuffer gain, double eps, DeviceBuffer y, DeviceBuffer inverseRms) =>
        LibSeal.seal_rms_norm(
            _engine, x.NativeType(), x.Pointer, delta.Pointer, sum.Pointer, gain.Pointer, eps, y.Pointer, inverseRms.Pointer, x.Rows, x.Columns)
            .ThrowOnFailure();

    public override void RmsNormBackward(DeviceBuffer dy, DeviceBuffer x, DeviceBuffer gain, DeviceBuffer inverseRms, DeviceBuffer dx) =>
        LibSeal.seal_rms_norm_backward(
            _engine, x.NativeType(), dy.Pointer, x.Pointer, gain.Pointer, inverseRms.Pointer, dx.Pointer, x.Rows, x.Columns).ThrowOnFailure();
}
