using Tensor = TorchSharp.torch.Tensor;

namespace Seal.Kernels;

public sealed partial class TorchOperators
{
    public override void Embed(PackedWeight table, DeviceBuffer tokens, DeviceBuffer y)
    {
        using Scope scope = Begin();
        View(y).copy_(Own(table).Matrix.index_select(0, Index(tokens)));
    }

    private static Tensor Index(DeviceBuffer rows) => View(rows.Reshape(1, rows.Rows * rows.Columns)).view(-1);
}
