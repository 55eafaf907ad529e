using Tensor = TorchSharp.torch.Tensor;

namespace Seal.Kernels;

public sealed partial class TorchOperators
{
    public override void RmsNorm(
        DeviceBuffer x, DeviceBuffer delta, DeviceBuffer sum, DeviceBuffer gain, double eps, DeviceBuffer y, DeviceBuffer inverseRms)
    {
        using Scope scope = Begin();
        if (!delta.IsNone)
        {
            // What the next layers and the backward pass read is the stored sum, so that is what is normalised.
            View(sum).copy_(Widen(x).add(View(delta), Number(1)));
            x = sum;
        }
        Tensor input = Widen(x);
        Tensor inverse = input.square().mean([-1], keepdim: true).add_(Number(eps)).rsqrt_();
        View(y).copy_(input.mul(inverse).mul_(View(gain)));
        if (!inverseRms.IsNone)
            View(inverseRms.Reshape(x.Rows, 1)).copy_(inverse);
    }

    public override void RmsNormBackward(DeviceBuffer dy, DeviceBuffer x, DeviceBuffer gain, DeviceBuffer inverseRms, DeviceBuffer dx)
    {
        using Scope scope = Begin();
        Tensor input = Widen(x);
        Tensor inverse = View(inverseRms.Reshape(x.Rows, 1));
        Tensor u = Widen(dy).mul(View(gain));
        Tensor along = u.mul(input).mean([-1], keepdim: true).mul_(inverse.square());
        View(dx).add_(u.addcmul_(input, along, Number(-1)).mul_(inverse));
    }
}
