using Tensor = TorchSharp.torch.Tensor;

namespace Seal.Kernels;

public sealed partial class TorchOperators
{
    public override void LoraLinear(
        DeviceBuffer x, LinearGroup group, AdapterSet? adapters, BatchPlan plan, DeviceBuffer z, ReadOnlySpan<DeviceBuffer> y)
    {
        using Scope scope = Begin();
        Tensor input = View(x);
        for (int i = 0; i < y.Length; i++)
        {
            LinearMember member = group.Members[i];
            Tensor output = View(y[i]);
            if (!member.Bias.IsNone)
                output.copy_(View(member.Bias));
            Multiply(output, input, Own(member.Weight).Transposed, accumulate: !member.Bias.IsNone);
        }
        if (adapters is null || !adapters.Touches(group))
            return;
        foreach (AdapterSegment segment in plan.Segments)
            AddLora(input, group, adapters, segment, View(z), y);
    }

    private static void AddLora(
        Tensor input, LinearGroup group, AdapterSet adapters, AdapterSegment segment, Tensor z, ReadOnlySpan<DeviceBuffer> y)
    {
        int column = 0;
        for (int i = 0; i < y.Length; i++)
        {
            LoraFactors factors = adapters.Factors(segment.Adapter, group.Layer, group.Members[i].Target);
            if (factors.IsNone)
                continue;
            Tensor rows = Rows(z, segment).narrow(1, column, factors.Rank);
            Multiply(rows, Rows(input, segment), FactorA(FlatAdapters.Of(adapters), factors).t(), accumulate: false, factors.Scale);
            Multiply(Rows(View(y[i]), segment), rows, FactorB(FlatAdapters.Of(adapters), factors).t(), accumulate: true);
            column += factors.Rank;
        }
    }

    private static Tensor Rows(Tensor matrix, AdapterSegment segment) => matrix.narrow(0, segment.Start, segment.Count);

    private static Tensor FactorA(DeviceBuffer flat, LoraFactors factors) =>
        View(AdapterSet.Part(flat, factors.A, (long)factors.Rank * factors.Inputs).Reshape(factors.Rank, factors.Inputs));

    private static Tensor FactorB(DeviceBuffer flat, LoraFactors factors) =>
        View(AdapterSet.Part(flat, factors.B, (long)factors.Outputs * factors.Rank).Reshape(factors.Outputs, factors.Rank));
}
