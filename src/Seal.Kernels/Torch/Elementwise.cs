namespace Seal.Kernels;

public sealed partial class TorchOperators
{
    public override void Add(DeviceBuffer x, DeviceBuffer y)
    {
        using Scope scope = Begin();
        View(y).add_(View(x), Number(1));
    }

    public override void Cast(DeviceBuffer x, DeviceBuffer y)
    {
        using Scope scope = Begin();
        View(y).copy_(View(x.Reshape(y.Rows, y.Columns)));
    }

    public override void Zero(DeviceBuffer y)
    {
        using Scope scope = Begin();
        View(y).zero_();
    }
}
