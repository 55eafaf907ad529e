using Tensor = TorchSharp.torch.Tensor;

namespace Seal.Kernels;

public sealed partial class TorchOperators
{
    public override void Logits(DeviceBuffer h, PackedWeight head, DeviceBuffer logits)
    {
        using Scope scope = Begin();
        Tensor transposed = Own(head).Transposed;
        if (Activation == DType.F32)
            Multiply(View(logits), View(h), transposed, accumulate: false);
        else
            View(logits).copy_(View(h).mm(transposed));
    }
}
