using System.Buffers;

namespace Seal.Kernels.Ilgpu;

internal sealed partial class IlgpuOperators<TStored, TElement, TShape>
{
    /// <summary>The draw is the project's one (<see cref="Sampling"/>), on the host, which waits for the tokens anyway.</summary>
    public override void Sample(DeviceBuffer logits, ReadOnlySpan<SamplingRow> rows, Span<int> tokens)
    {
        float[] row = ArrayPool<float>.Shared.Rent(logits.Columns);
        for (int i = 0; i < rows.Length; i++)
        {
            Span<float> values = row.AsSpan(0, logits.Columns);
            Read(logits.Slice(i, 1), values);
            tokens[i] = Sampling.Draw(values, rows[i]);
        }
        ArrayPool<float>.Shared.Return(row);
    }
}
