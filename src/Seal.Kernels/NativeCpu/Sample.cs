using Seal.Kernels.Native;

namespace Seal.Kernels;

public sealed partial class NativeOperators
{
    private float[] _row = []; // of a device's logits, read to be drawn from

    /// <summary>Greedy rows by the engine, by the same rule as <see cref="Sampling.Greedy"/>; what is drawn at random, row by row on the host.</summary>
    public override unsafe void Sample(DeviceBuffer logits, ReadOnlySpan<SamplingRow> rows, Span<int> tokens)
    {
        if (rows.Length > logits.Rows || tokens.Length < rows.Length)
            throw new ArgumentException($"{rows.Length} rules and room for {tokens.Length} tokens for {logits}", nameof(rows));
        fixed (int* likeliest = tokens)
            LibSeal.seal_greedy(_engine, logits.Pointer, rows.Length, logits.Columns, (nint)likeliest).ThrowOnFailure();
        for (int i = 0; i < rows.Length; i++)
            if (rows[i].Temperature != 0)
                tokens[i] = Sampling.Draw(OnHost(logits.Slice(i, 1)), rows[i]);
    }

    private ReadOnlySpan<float> OnHost(DeviceBuffer row)
    {
        if (row.Device.Kind == DeviceKind.Host)
            return row.AsSpan<float>();
        if (_row.Length < row.Columns)
            _row = new float[row.Columns];
        Read(row, _row);
        return _row.AsSpan(0, row.Columns);
    }
}
