namespace Seal.Kernels.Ilgpu;

internal sealed partial class IlgpuOperators<TStored, TElement, TShape>
{
    public override void Embed(PackedWeight table, DeviceBuffer tokens, DeviceBuffer y) => GatherRows(Own(table).Matrix, tokens, y);
}
