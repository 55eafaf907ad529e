using Tensor = TorchSharp.torch.Tensor;

namespace Seal.Kernels;

public sealed partial class TorchOperators
{
    public override void Rope(DeviceBuffer x, int headDim, DeviceBuffer positions, DeviceBuffer cosSin, bool inverse)
    {
        using Scope scope = Begin();
        int half = headDim / 2;
        Tensor angles = View(cosSin).index_select(0, Index(positions)).view(x.Rows, 1, headDim).to(_wide);
        Tensor cos = angles.narrow(2, 0, half);
        Tensor sin = angles.narrow(2, half, half);
        Tensor heads = View(x).view(x.Rows, x.Columns / headDim, headDim);
        Tensor first = heads.narrow(2, 0, half);
        Tensor second = heads.narrow(2, half, half);
        double sign = inverse ? -1 : 1;
        // In the wide type and apart from x, because each half needs the other's old values.
        Tensor a = first.to(_wide);
        Tensor b = second.to(_wide);
        Tensor turnedFirst = a.mul(cos).addcmul_(b, sin, Number(-sign));
        Tensor turnedSecond = b.mul(cos).addcmul_(a, sin, Number(sign));
        first.copy_(turnedFirst);
        second.copy_(turnedSecond);
    }
}
