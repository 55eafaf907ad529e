using Tensor = TorchSharp.torch.Tensor;

namespace Seal.Kernels;

public sealed partial class TorchOperators
{
    public override void SwiGlu(DeviceBuffer gate, DeviceBuffer up, DeviceBuffer y)
    {
        using Scope scope = Begin();
        View(y).copy_(Widen(gate).silu().mul_(View(up)));
    }

    // silu′(g) = σ(g)·(1 + g·(1 − σ(g)))
    public override void SwiGluBackward(DeviceBuffer dy, DeviceBuffer gate, DeviceBuffer up, DeviceBuffer dgate, DeviceBuffer dup)
    {
        using Scope scope = Begin();
        Tensor g = Widen(gate);
        Tensor sigmoid = g.sigmoid();
        Tensor silu = g.mul(sigmoid);
        Tensor slope = silu.neg().add_(Number(1)).add_(g).mul_(sigmoid).mul_(View(up)).mul_(View(dy));
        View(dup).copy_(silu.mul_(View(dy)));
        View(dgate).copy_(slope);
    }
}
