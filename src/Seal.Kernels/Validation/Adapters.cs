using System.Runtime.CompilerServices;
using Seal.Kernels.Cases;

namespace Seal.Kernels;

public sealed partial class ValidatingOperators
{
    private readonly ConditionalWeakTable<LinearGroup, Groups> _groups = [];
    private readonly ConditionalWeakTable<AdapterSet, AdapterSet> _shadows = [];
    private readonly List<DeviceMemory> _biases = [];

    public override WorkingAdapters CreateWorking(AdapterSet adapters) => _chosen.CreateWorking(adapters);

    public override void LoraLinear(
        DeviceBuffer x, LinearGroup group, AdapterSet? adapters, BatchPlan plan, DeviceBuffer z, ReadOnlySpan<DeviceBuffer> y)
    {
        Begin();
        _layer = group.Layer;
        Groups both = Both(group);
        AdapterSet? shadow = adapters is null ? null : Shadow(adapters, group);
        DeviceBuffer wantedZ = Like(z);
        var wanted = new DeviceBuffer[y.Length];
        for (int i = 0; i < y.Length; i++)
            wanted[i] = Like(y[i]);
        LinearGroup? blocks = plan.Cached ? both.Blocks : null;
        _torch.LoraLinear(Copy(x), blocks ?? both.Torch, shadow, plan, wantedZ, wanted);
        _chosen.LoraLinear(x, both.Chosen, adapters, plan, z, y);
        int terms = x.Columns + (adapters is null ? 0 : z.Columns);
        Tolerance tolerance = blocks is not null
            ? Tolerances.ProductWithBlocks(terms).OfCancellingTerms(roundedOperands: true)
            : (adapters is not null ? Tolerances.SummedProducts(1, terms) : Tolerances.Product(terms)).OfCancellingTerms(roundedOperands: false);
        for (int i = 0; i < y.Length; i++)
            Compare("lora_linear", "y", tolerance, y[i], wanted[i]);
        if (adapters is not null && !z.IsNone)
        {
            DeviceBuffer found = Copy(z);
            ClearUnwritten(found, group, adapters, plan);
            ClearUnwritten(wantedZ, group, adapters, plan);
            Compare("lora_linear", "z", Tolerances.Product(x.Columns).OfCancellingTerms(roundedOperands: false), found, wantedZ);
        }
    }

    /// <summary>The product first by itself, then what it gates: the chosen backend multiplies twice.</summary>
    public override void GatedLinear(
        DeviceBuffer x, LinearGroup group, AdapterSet? adapters, BatchPlan plan, DeviceBuffer z, DeviceBuffer gate, DeviceBuffer up, DeviceBuffer y)
    {
        LoraLinear(x, group, adapters, plan, z, [gate, up]);
        DeviceBuffer expected = Like(y);
        _torch.SwiGlu(Copy(gate), Copy(up), expected);
        _chosen.GatedLinear(x, Both(group).Chosen, adapters, plan, z, gate, up, y);
        Compare("swiglu", "y", Tolerances.Elementwise, y, expected);
    }

    public override void LoraLinearBackward(
        ReadOnlySpan<DeviceBuffer> dy, DeviceBuffer x, DeviceBuffer z, LinearGroup group, AdapterSet adapters, BatchPlan plan, DeviceBuffer dx)
    {
        Begin();
        _layer = group.Layer;
        Groups both = Both(group);
        AdapterSet shadow = Shadow(adapters, group);
        shadow.PrepareTraining();
        ForEachFactor(adapters, group, factors => Copied(adapters.Gradients, shadow.Gradients, factors.A, Length(factors)));
        DeviceBuffer wantedX = Like(dx);
        var copies = new DeviceBuffer[dy.Length];
        int outputs = 0, widest = 0;
        for (int i = 0; i < dy.Length; i++)
        {
            copies[i] = Copy(dy[i]);
            (outputs, widest) = (outputs + dy[i].Columns, Math.Max(widest, dy[i].Columns));
        }
        _torch.LoraLinearBackward(copies, Copy(x), Copy(z), both.Torch, shadow, plan, wantedX);
        _chosen.LoraLinearBackward(dy, x, z, both.Chosen, adapters, plan, dx);
        Compare("lora_linear", "dx", Tolerances.SummedProducts(dy.Length, outputs).OfCancellingTerms(roundedOperands: false), dx, wantedX);
        Tolerance gradient = Tolerances.AdapterGradient(plan.Rows + widest).OfCancellingTerms(roundedOperands: true);
        ForEachFactor(adapters, group, factors =>
        {
            long b = (long)factors.Outputs * factors.Rank;
            Compare("lora_linear", "dA", gradient, AdapterSet.Part(adapters.Gradients, factors.A, factors.B - factors.A), AdapterSet.Part(shadow.Gradients, factors.A, factors.B - factors.A));
            Compare("lora_linear", "dB", gradient, AdapterSet.Part(adapters.Gradients, factors.B, b), AdapterSet.Part(shadow.Gradients, factors.B, b));
        });
    }

    public override void AdamW(AdapterSet adapters, ReadOnlySpan<AdamWRow> table, DeviceBuffer norms)
    {
        Begin();
        AdapterSet shadow = Shadow(adapters);
        shadow.PrepareTraining();
        foreach (AdamWRow row in table)
        {
            (long offset, long count) = adapters.Range(row.Slot);
            Copied(adapters.Parameters, shadow.Parameters, offset, count);
            Copied(adapters.Gradients, shadow.Gradients, offset, count);
            Copied(adapters.FirstMoment, shadow.FirstMoment, offset, count);
            Copied(adapters.SecondMoment, shadow.SecondMoment, offset, count);
        }
        DeviceBuffer wantedNorms = Copy(norms);
        _torch.AdamW(shadow, table, wantedNorms);
        _chosen.AdamW(adapters, table, norms);
        foreach (AdamWRow row in table)
        {
            DeviceBuffer Part(DeviceBuffer flat) => AdapterSet.Part(flat, adapters.Range(row.Slot).Offset, adapters.Range(row.Slot).Count);
            Compare("adamw", "norm", Tolerances.Optimizer, AdapterSet.Part(norms, row.Slot, 1), AdapterSet.Part(wantedNorms, row.Slot, 1));
            Compare("adamw", "parameters", Tolerances.Optimizer, Part(adapters.Parameters), Part(shadow.Parameters));
            Compare("adamw", "first moment", Tolerances.Optimizer, Part(adapters.FirstMoment), Part(shadow.FirstMoment));
            Compare("adamw", "second moment", Tolerances.Optimizer, Part(adapters.SecondMoment), Part(shadow.SecondMoment));
            Compare("adamw", "cleared gradients", Tolerances.Exact, Part(adapters.Gradients), Part(shadow.Gradients));
        }
    }

    /// <summary>A set of libtorch's own with the same layout; it dies with the set it stands beside.</summary>
    private AdapterSet Shadow(AdapterSet adapters) =>
        _shadows.GetValue(adapters, set => new AdapterSet(_torch, set.Layers, set.Targets, set.Adapters));

    /// <summary>The same, with the factors of one group as the backend's linears read them.</summary>
    private AdapterSet Shadow(AdapterSet adapters, LinearGroup group)
    {
        AdapterSet shadow = Shadow(adapters);
        ForEachFactor(adapters, group, factors => Rounded(adapters.Parameters, shadow.Parameters, factors.A, Length(factors)));
        return shadow;
    }

    /// <summary>As the linears read it: in the activation type.</summary>
    private void Rounded(DeviceBuffer from, DeviceBuffer to, long offset, long count)
    {
        DeviceBuffer narrow = _copies.Take(Activation, 1, checked((int)count));
        _torch.Cast(Here(AdapterSet.Part(from, offset, count)), narrow);
        _torch.Cast(narrow, AdapterSet.Part(to, offset, count));
    }

    private Groups Both(LinearGroup group) => _groups.GetValue(group, given => new Groups(
        Of(given, member => member with { Weight = Own(member.Weight).Chosen }),
        Of(given, member => member with { Weight = Own(member.Weight).Torch, Bias = Kept(member.Bias) }),
        given.Members.All(member => Own(member.Weight).Blocks is not null)
            ? Of(given, member => member with { Weight = Own(member.Weight).Blocks!, Bias = Kept(member.Bias) })
            : null));

    private static LinearGroup Of(LinearGroup group, Func<LinearMember, LinearMember> member) => group with { Members = [.. group.Members.Select(member)] };

    /// <summary>A bias that libtorch can read for as long as this lives.</summary>
    private DeviceBuffer Kept(DeviceBuffer bias)
    {
        if (bias.IsNone || bias.Device == _torch.Device)
            return bias;
        DeviceMemory memory = _torch.Allocate(bias.Elements * sizeof(float));
        _biases.Add(memory);
        DeviceBuffer kept = new(memory.Pointer, DType.F32, bias.Rows, bias.Columns, _torch.Device);
        CopyInto(bias, kept);
        return kept;
    }

    private void Copied(DeviceBuffer from, DeviceBuffer to, long offset, long count)
    {
        if (count > 0)
            CopyInto(AdapterSet.Part(from, offset, count), AdapterSet.Part(to, offset, count));
    }

    /// <summary>A and then B, one after the other in the arena.</summary>
    private static long Length(LoraFactors factors) => factors.B - factors.A + (long)factors.Outputs * factors.Rank;

    private static void ForEachFactor(AdapterSet adapters, LinearGroup group, Action<LoraFactors> action)
    {
        for (int slot = 0; slot < adapters.Count; slot++)
            foreach (LinearMember member in group.Members)
                if (adapters.Factors(slot, group.Layer, member.Target) is { IsNone: false } factors)
                    action(factors);
    }

    /// <summary>A row of z means something in its own adapter's columns only.</summary>
    private static void ClearUnwritten(DeviceBuffer z, LinearGroup group, AdapterSet adapters, BatchPlan plan)
    {
        Span<float> values = z.AsSpan<float>();
        foreach (AdapterSegment segment in plan.Segments)
        {
            int written = segment.Adapter < 0 ? 0 : adapters.GroupRank(segment.Adapter, group);
            for (int row = segment.Start; row < segment.Start + segment.Count; row++)
                values.Slice(row * z.Columns + written, z.Columns - written).Clear();
        }
    }

    /// <summary>One group, with the weights of each backend; libtorch's in the place of blocks too, where all members have them.</summary>
    private sealed record Groups(LinearGroup Chosen, LinearGroup Torch, LinearGroup? Blocks);
}
