using Seal.Kernels.Native;

namespace Seal.Kernels;

public sealed partial class NativeOperators
{
    /// <summary>Greedy rows on all threads, by the same rule as <see cref="Sampling.Greedy"/>; what is drawn at random, row by row.</summary>
    public override unsafe void Sample(DeviceBuffer logits, ReadOnlySpan<SamplingRow> rows, Span<int> tokens)
    {
        if (rows.Length > logits.Rows || tokens.Length < rows.Length)
            throw new ArgumentException($"{rows.Length} rules and room for {tokens.Length} tokens for {logits}", nameof(rows));
        fixed (int* likeliest = tokens)
            LibSeal.seal_greedy(_engine, logits.Pointer, rows.Length, logits.Columns, (nint)likeliest).ThrowOnFailure();
        ReadOnlySpan<float> values = logits.AsSpan<float>();
        for (int i = 0; i < rows.Length; i++)
            if (rows[i].Temperature != 0)
                tokens[i] = Sampling.Draw(values.Slice(i * logits.Columns, logits.Columns), rows[i]);
    }
}
