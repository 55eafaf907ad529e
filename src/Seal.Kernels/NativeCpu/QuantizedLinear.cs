using Seal.Kernels.Native;

namespace Seal.Kernels;

public sealed partial class NativeOperators
{
    public override bool ReadsBlocks => Device.Kind == DeviceKind.Host;

    /// <summary>
    /// Whether a step reads this group's blocks. Generation does, from its first token on, and nothing else: so which arithmetic a row
    /// gets depends on what is done, not on the rows beside it.
    /// </summary>
    private static bool ReadsBlocksOf(LinearGroup group, BatchPlan plan)
    {
        if (!plan.Cached)
            return false;
        for (int i = 0; i < group.Members.Count; i++)
            if (Own(group.Members[i].Weight).Blocks is null)
                return false;
        return true;
    }

    private unsafe void LogitsFromBlocks(DeviceBuffer h, SealQuantizedWeightHandle head, DeviceBuffer logits)
    {
        var member = new SealLinearMember(head.Pointer, 0, logits.Pointer);
        var arguments = new SealQuantizedLinear
        {
            Type = h.NativeType(),
            YType = SealDType.F32,
            Rows = h.Rows,
            Inputs = h.Columns,
            MemberCount = 1,
            X = h.Pointer,
            Members = &member,
        };
        LibSeal.seal_quantized_linear(_engine, in arguments).ThrowOnFailure();
        GC.KeepAlive(head);
    }
}
