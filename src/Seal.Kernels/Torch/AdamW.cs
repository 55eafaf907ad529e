using TorchSharp;
using Tensor = TorchSharp.torch.Tensor;

namespace Seal.Kernels;

public sealed partial class TorchOperators
{
    /// <summary>Elements a partial norm: short enough that an f32 sum of squares loses nothing that matters.</summary>
    private const int NormPart = 4096;

    public override void AdamW(AdapterSet adapters, ReadOnlySpan<AdamWRow> table, DeviceBuffer norms)
    {
        foreach (AdamWRow row in table)
        {
            using Scope scope = Begin();
            (long offset, long count) = adapters.Range(row.Slot);
            Tensor parameters = Flat(adapters.Parameters);
            Tensor gradients = Flat(adapters.Gradients);
            Tensor first = Flat(adapters.FirstMoment);
            Tensor second = Flat(adapters.SecondMoment);

            Tensor norm = Norm(gradients);
            View(norms).view(-1).narrow(0, row.Slot, 1).copy_(norm);
            if (row.ClipNorm > 0)
                gradients.mul_(norm.add(Number(1e-6)).reciprocal_().mul_(Number(row.ClipNorm)).clamp_max_(Number(1)).to(_wide));

            first.mul_(Number(row.Beta1)).add_(gradients, Number(1 - row.Beta1));
            second.mul_(Number(row.Beta2)).addcmul_(gradients, gradients, Number(1 - row.Beta2));
            double bias1 = 1 - Math.Pow(row.Beta1, row.Step);
            double bias2 = 1 - Math.Pow(row.Beta2, row.Step);
            Tensor denominator = second.sqrt().div_(Number(Math.Sqrt(bias2))).add_(Number(row.Epsilon));
            if (row.WeightDecay != 0)
                parameters.mul_(Number(1 - row.LearningRate * row.WeightDecay));
            parameters.addcdiv_(first, denominator, Number(-row.LearningRate / bias1));
            gradients.zero_();
            adapters.Publish(row.Slot);

            Tensor Flat(DeviceBuffer buffer) => View(AdapterSet.Part(buffer, offset, count)).view(-1);
        }
    }

    /// <summary>Euclidean norm in f64 of partial norms in the tensor's own type.</summary>
    private static Tensor Norm(Tensor flat)
    {
        long parts = flat.numel() / NormPart;
        Tensor rest = flat.narrow(0, parts * NormPart, flat.numel() - parts * NormPart);
        Tensor partial = flat.narrow(0, 0, parts * NormPart).view(parts, NormPart).norm(1);
        return torch.cat([partial, rest], 0).to(torch.ScalarType.Float64).norm();
    }
}
