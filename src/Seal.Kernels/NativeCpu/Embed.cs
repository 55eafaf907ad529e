using Seal.Kernels.Native;

namespace Seal.Kernels;

public sealed partial class NativeOperators
{
    public override void Embed(PackedWeight table, DeviceBuffer tokens, DeviceBuffer y) =>
        LibSeal.seal_embed(_engine, y.NativeType(), Own(table).Handle, tokens.Pointer, tokens.Elements, y.Pointer).ThrowOnFailure();
}
