using TorchSharp;

namespace Seal.Kernels;

public sealed partial class TorchOperators
{
    public override void GatherRows(DeviceBuffer x, DeviceBuffer rows, DeviceBuffer y)
    {
        using Scope scope = Begin();
        View(y).copy_(View(x).index_select(0, Index(rows)));
    }

    public override void ScatterRows(DeviceBuffer x, DeviceBuffer rows, DeviceBuffer y)
    {
        using Scope scope = Begin();
        View(y).zero_().index_copy_(0, Index(rows).to(torch.ScalarType.Int64), View(x));
    }
}
