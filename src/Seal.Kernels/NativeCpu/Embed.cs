using Seal.Kernels.Native;

namespace Seal.Kernels;

public sealed partial class NativeOperators
{
    /// <summary>Blocks and panels hold the same values: a row of either rounds to the same bits.</summary>
    public override void Embed(PackedWeight table, DeviceBuffer tokens, DeviceBuffer y)
    {
        NativeWeight weight = Own(table);
        if (weight.Blocks is { } blocks)
            LibSeal.seal_quantized_embed(_engine, y.NativeType(), blocks, tokens.HostPointer, tokens.Elements, y.Pointer).ThrowOnFailure();
        else
            LibSeal.seal_embed(_engine, y.NativeType(), weight.Handle, tokens.HostPointer, tokens.Elements, y.Pointer).ThrowOnFailure();
    }
}
