using System.Numerics.Tensors;
using Seal.Kernels.Cases;

namespace Seal.Kernels;

public sealed partial class ValidatingOperators
{
    /// <summary>Rows whose logits are looked at for their size, which the tolerances of the cross entropy depend on.</summary>
    private const int SizedRows = 4;

    public override void LinearCrossEntropy(
        DeviceBuffer h, PackedWeight head, DeviceBuffer targets, DeviceBuffer weights, DeviceBuffer logProbabilities, DeviceBuffer dh)
    {
        Begin();
        DeviceBuffer hidden = Copy(h);
        (DeviceBuffer wanted, DeviceBuffer wantedGradient) = (Like(logProbabilities), Like(dh));
        double size = LogitsSize(hidden, Own(head).Torch);
        _torch.LinearCrossEntropy(hidden, Own(head).Torch, targets, weights, wanted, wantedGradient);
        _chosen.LinearCrossEntropy(h, Own(head).Chosen, targets, weights, logProbabilities, dh);
        Compare("linear_cross_entropy", "log-probabilities", Tolerances.LogProbability(h.Columns, size), logProbabilities, wanted);
        Compare("linear_cross_entropy", "dh", Tolerances.CrossEntropyGradient(h.Columns, size).OfCancellingTerms(roundedOperands: false), dh, wantedGradient);
    }

    public override void Logits(DeviceBuffer h, PackedWeight head, DeviceBuffer logits)
    {
        Begin();
        DeviceBuffer expected = Like(logits);
        BothWeights both = Own(head);
        _torch.Logits(Copy(h), both.Blocks ?? both.Torch, expected);
        _chosen.Logits(h, both.Chosen, logits);
        Tolerance tolerance = both.Blocks is null
            ? Tolerances.Product(h.Columns).OfCancellingTerms(roundedOperands: false)
            : Tolerances.ProductWithBlocks(h.Columns).OfCancellingTerms(roundedOperands: true);
        Compare("logits", "logits", tolerance, logits, expected);
    }

    public override void Sample(DeviceBuffer logits, ReadOnlySpan<SamplingRow> rows, Span<int> tokens)
    {
        Begin();
        int[] expected = new int[rows.Length];
        _torch.Sample(Here(logits), rows, expected);
        _chosen.Sample(logits, rows, tokens);
        float[] found = new float[rows.Length], wanted = new float[rows.Length];
        for (int i = 0; i < rows.Length; i++)
            (found[i], wanted[i]) = (tokens[i], expected[i]);
        Compare("sample", "tokens", Tolerances.Exact, found, wanted, $"[1, {rows.Length}]");
    }

    /// <summary>rms of the logits of some rows, the largest.</summary>
    private double LogitsSize(DeviceBuffer hidden, PackedWeight head)
    {
        DeviceBuffer few = hidden.Slice(0, Math.Min(SizedRows, hidden.Rows));
        DeviceBuffer logits = _copies.Take(DType.F32, few.Rows, head.Rows);
        _torch.Logits(few, head, logits);
        double largest = 0;
        for (int row = 0; row < few.Rows; row++)
            largest = Math.Max(largest, TensorPrimitives.Norm<float>(logits.Slice(row, 1).AsSpan<float>()) / Math.Sqrt(head.Rows));
        return largest;
    }
}
