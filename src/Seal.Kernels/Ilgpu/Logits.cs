namespace Seal.Kernels.Ilgpu;

internal sealed partial class IlgpuOperators<TStored, TElement, TShape>
{
    private static readonly Kernel<LinearArguments<float>> LogitsKernel = new(Linear<float, F32Element>);

    public override void Logits(DeviceBuffer h, PackedWeight head, DeviceBuffer logits)
    {
        DeviceBuffer weight = Own(head).Matrix;
        _parts.Clear();
        _parts.AddRows(h.Rows, weight.Rows);
        _launcher.Launch(LogitsKernel, _parts.Tiles, new()
        {
            Parts = View(_parts.Table),
            X = View<TStored>(h),
            W = View<TStored>(weight),
            Y = View<float>(logits),
            Tiles = _parts.Tiles,
            Inputs = h.Columns,
            Outputs = weight.Rows,
            AlignedX = AlignedForPacks(h),
            AlignedW = AlignedForPacks(weight),
            AlignedY = AlignedForPacks(logits),
        });
    }
}
