using Seal.Kernels.Native;

namespace Seal.Kernels;

public sealed partial class NativeOperators
{
    private SealAdamWRow[] _adamWRows = [];

    public override unsafe void AdamW(AdapterSet adapters, ReadOnlySpan<AdamWRow> table, DeviceBuffer norms)
    {
        if (_adamWRows.Length < table.Length)
            _adamWRows = new SealAdamWRow[table.Length];
        for (int i = 0; i < table.Length; i++)
        {
            (long offset, long count) = adapters.Range(table[i].Slot);
            _adamWRows[i] = SealAdamWRow.From(table[i], offset, count);
        }
        fixed (SealAdamWRow* rows = _adamWRows)
            LibSeal.seal_adamw(
                _engine, Own(adapters).Handle, rows, table.Length, adapters.Parameters.Pointer, adapters.Gradients.Pointer, adapters.FirstMoment.Pointer,
                adapters.SecondMoment.Pointer, adapters.Elements, norms.Pointer, adapters.Count).ThrowOnFailure();
    }
}
