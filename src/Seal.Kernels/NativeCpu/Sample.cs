namespace Seal.Kernels;

public sealed partial class NativeOperators
{
    public override void Sample(DeviceBuffer logits, ReadOnlySpan<SamplingRow> rows, Span<int> tokens)
    {
        ReadOnlySpan<float> values = logits.AsSpan<float>();
        for (int i = 0; i < rows.Length; i++)
            tokens[i] = Sampling.Draw(values.Slice(i * logits.Columns, logits.Columns), rows[i]);
    }
}
