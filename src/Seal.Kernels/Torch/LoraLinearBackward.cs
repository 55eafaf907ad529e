using Tensor = TorchSharp.torch.Tensor;

namespace Seal.Kernels;

public sealed partial class TorchOperators
{
    public override void LoraLinearBackward(
        ReadOnlySpan<DeviceBuffer> dy, DeviceBuffer x, DeviceBuffer z, LinearGroup group, AdapterSet adapters, BatchPlan plan, DeviceBuffer dx)
    {
        using Scope scope = Begin();
        Tensor? dInput = dx.IsNone ? null : View(dx);
        if (dInput is not null)
            for (int i = 0; i < dy.Length; i++)
                Multiply(dInput, View(dy[i]), Own(group.Members[i].Weight).Matrix, accumulate: i > 0);
        if (!adapters.Touches(group))
            return;
        foreach (AdapterSegment segment in plan.Segments)
            AddLoraBackward(dy, View(x), View(z), group, adapters, segment, dInput);
    }

    private void AddLoraBackward(
        ReadOnlySpan<DeviceBuffer> dy, Tensor x, Tensor z, LinearGroup group, AdapterSet adapters, AdapterSegment segment, Tensor? dx)
    {
        if (adapters.GroupRank(segment.Adapter, group) == 0)
            return;
        Tensor input = Rows(x, segment).to(_wide);
        int column = 0;
        for (int i = 0; i < dy.Length; i++)
        {
            LoraFactors factors = adapters.Factors(segment.Adapter, group.Layer, group.Members[i].Target);
            if (factors.IsNone)
                continue;
            Tensor a = FactorA(FlatAdapters.Of(adapters), factors);
            Tensor b = FactorB(FlatAdapters.Of(adapters), factors);
            Tensor dOutput = Rows(View(dy[i]), segment).to(_wide);
            Multiply(FactorB(adapters.Gradients, factors), dOutput.t(), Rows(z, segment).narrow(1, column, factors.Rank).to(_wide), accumulate: true);
            Tensor dz = dOutput.mm(b.to(_wide)).mul_(Number(factors.Scale));
            Multiply(FactorA(adapters.Gradients, factors), dz.t(), input, accumulate: true);
            if (dx is not null)
                Multiply(Rows(dx, segment), dz.to(dx.dtype), a, accumulate: true);
            column += factors.Rank;
        }
    }
}
