using TorchSharp;
using Tensor = TorchSharp.torch.Tensor;

namespace Seal.Kernels;

public sealed partial class TorchOperators
{
    public override void KvAppend(DeviceBuffer k, DeviceBuffer v, KvCache cache, int layer, BatchPlan plan)
    {
        using Scope scope = Begin();
        List<long> from = [];
        List<long> to = [];
        foreach (PlannedSequence sequence in plan.Sequences)
            for (int i = 0; i < sequence.Length && sequence.CacheSlot >= 0; i++)
            {
                from.Add(sequence.Start + i);
                to.Add(cache.Row(sequence.CacheSlot, sequence.FirstPosition + i));
            }
        Tensor source = torch.tensor(from);
        Tensor destination = torch.tensor(to);
        View(cache.Keys(layer)).index_copy_(0, destination, View(k).index_select(0, source));
        View(cache.Values(layer)).index_copy_(0, destination, View(v).index_select(0, source));
    }
}
