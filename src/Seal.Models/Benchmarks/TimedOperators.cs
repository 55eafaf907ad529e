using System.Diagnostics;
using Seal.Kernels;

namespace Seal.Models.Benchmarks;

/// <summary>One call of an operator.</summary>
/// <param name="Name">The operator's stem, for linears with their shape, and which way it ran.</param>
/// <param name="Start">Ticks of <see cref="Stopwatch"/>.</param>
/// <param name="Flops">By formula; 0 for operators that only move numbers.</param>
/// <param name="Bytes">Operands and results once each.</param>
internal readonly record struct OperatorSpan(string Name, long Start, long End, double Flops, double Bytes);

/// <summary>Another backend, every call of it noted. Its own work, the note, is left out of the spans.</summary>
/// <param name="settle">Waits for what a call has enqueued, where calls return before.</param>
internal sealed class TimedOperators(Operators inner, Action? settle = null) : Operators(inner.Device, inner.Activation)
{
    public List<OperatorSpan> Spans { get; } = [];

    public override string Name => inner.Name;

    public override string Numerics => inner.Numerics;

    public override bool ReadsBlocks => inner.ReadsBlocks;

    public override DeviceMemory Allocate(long bytes) => inner.Allocate(bytes);

    public override PackedWeight Prepare(ReadOnlySpan<float> weight, int rows, int columns) => inner.Prepare(weight, rows, columns);

    public override PackedWeight Prepare(QuantizedMatrix matrix) => inner.Prepare(matrix);

    public override WorkingAdapters CreateWorking(AdapterSet adapters) => inner.CreateWorking(adapters);

    public override void Embed(PackedWeight table, DeviceBuffer tokens, DeviceBuffer y)
    {
        long start = Stopwatch.GetTimestamp();
        inner.Embed(table, tokens, y);
        Note("embed", start, 0, 2 * y.Bytes);
    }

    public override void RmsNorm(DeviceBuffer x, DeviceBuffer delta, DeviceBuffer sum, DeviceBuffer gain, double eps, DeviceBuffer y, DeviceBuffer inverseRms)
    {
        long start = Stopwatch.GetTimestamp();
        inner.RmsNorm(x, delta, sum, gain, eps, y, inverseRms);
        Note("rms_norm", start, 0, x.Bytes * (delta.IsNone ? 2 : 4));
    }

    public override void RmsNormBackward(DeviceBuffer dy, DeviceBuffer x, DeviceBuffer gain, DeviceBuffer inverseRms, DeviceBuffer dx)
    {
        long start = Stopwatch.GetTimestamp();
        inner.RmsNormBackward(dy, x, gain, inverseRms, dx);
        Note("rms_norm backward", start, 0, 4 * x.Bytes);
    }

    public override void LoraLinear(DeviceBuffer x, LinearGroup group, AdapterSet? adapters, BatchPlan plan, DeviceBuffer z, ReadOnlySpan<DeviceBuffer> y)
    {
        long start = Stopwatch.GetTimestamp();
        inner.LoraLinear(x, group, adapters, plan, z, y);
        long end = End();
        (double frozen, double low) = Products(group, adapters);
        Note($"linear {Shape(group)}", start, x.Rows * (frozen + low), group.Members.Sum(member => (double)member.Weight.Rows * member.Weight.Columns) * x.Type.Size(), end);
    }

    public override void LoraLinearBackward(
        ReadOnlySpan<DeviceBuffer> dy, DeviceBuffer x, DeviceBuffer z, LinearGroup group, AdapterSet adapters, BatchPlan plan, DeviceBuffer dx)
    {
        long start = Stopwatch.GetTimestamp();
        inner.LoraLinearBackward(dy, x, z, group, adapters, plan, dx);
        long end = End();
        (double frozen, double low) = Products(group, adapters);
        Note($"linear {Shape(group)} backward", start, x.Rows * ((dx.IsNone ? 0 : frozen) + 2 * low), group.Members.Sum(member => (double)member.Weight.Rows * member.Weight.Columns) * x.Type.Size(), end);
    }

    public override void Rope(DeviceBuffer x, int headDim, DeviceBuffer positions, DeviceBuffer cosSin, bool inverse)
    {
        long start = Stopwatch.GetTimestamp();
        inner.Rope(x, headDim, positions, cosSin, inverse);
        Note(inverse ? "rope backward" : "rope", start, 0, 2 * x.Bytes);
    }

    public override void CausalAttention(DeviceBuffer q, DeviceBuffer k, DeviceBuffer v, AttentionShape shape, BatchPlan plan, DeviceBuffer y, DeviceBuffer logSumExp)
    {
        long start = Stopwatch.GetTimestamp();
        inner.CausalAttention(q, k, v, shape, plan, y, logSumExp);
        Note("causal_attention", start, 2 * Scores(shape, plan), 2 * q.Bytes + 2 * k.Bytes);
    }

    public override void CausalAttentionBackward(
        DeviceBuffer dy, DeviceBuffer q, DeviceBuffer k, DeviceBuffer v, DeviceBuffer y, DeviceBuffer logSumExp,
        AttentionShape shape, BatchPlan plan, DeviceBuffer dq, DeviceBuffer dk, DeviceBuffer dv)
    {
        long start = Stopwatch.GetTimestamp();
        inner.CausalAttentionBackward(dy, q, k, v, y, logSumExp, shape, plan, dq, dk, dv);
        Note("causal_attention backward", start, 5 * Scores(shape, plan), 4 * q.Bytes + 4 * k.Bytes);
    }

    public override void SwiGlu(DeviceBuffer gate, DeviceBuffer up, DeviceBuffer y)
    {
        long start = Stopwatch.GetTimestamp();
        inner.SwiGlu(gate, up, y);
        Note("swiglu", start, 0, 3 * y.Bytes);
    }

    public override void SwiGluBackward(DeviceBuffer dy, DeviceBuffer gate, DeviceBuffer up, DeviceBuffer dgate, DeviceBuffer dup)
    {
        long start = Stopwatch.GetTimestamp();
        inner.SwiGluBackward(dy, gate, up, dgate, dup);
        Note("swiglu backward", start, 0, 5 * dy.Bytes);
    }

    public override void GatherRows(DeviceBuffer x, DeviceBuffer rows, DeviceBuffer y)
    {
        long start = Stopwatch.GetTimestamp();
        inner.GatherRows(x, rows, y);
        Note("gather_rows", start, 0, 2 * y.Bytes);
    }

    public override void ScatterRows(DeviceBuffer x, DeviceBuffer rows, DeviceBuffer y)
    {
        long start = Stopwatch.GetTimestamp();
        inner.ScatterRows(x, rows, y);
        Note("scatter_rows", start, 0, x.Bytes + y.Bytes);
    }

    public override void LinearCrossEntropy(DeviceBuffer h, PackedWeight head, DeviceBuffer targets, DeviceBuffer weights, DeviceBuffer logProbabilities, DeviceBuffer dh)
    {
        long start = Stopwatch.GetTimestamp();
        inner.LinearCrossEntropy(h, head, targets, weights, logProbabilities, dh);
        double matrix = (double)head.Rows * head.Columns;
        Note("linear_cross_entropy", start, (dh.IsNone ? 2 : 4) * matrix * h.Rows, (dh.IsNone ? 1 : 2) * matrix * h.Type.Size());
    }

    public override void Logits(DeviceBuffer h, PackedWeight head, DeviceBuffer logits)
    {
        long start = Stopwatch.GetTimestamp();
        inner.Logits(h, head, logits);
        Note("logits", start, 2.0 * head.Rows * head.Columns * h.Rows, (double)head.Rows * head.Columns * h.Type.Size());
    }

    public override void Sample(DeviceBuffer logits, ReadOnlySpan<SamplingRow> rows, Span<int> tokens)
    {
        long start = Stopwatch.GetTimestamp();
        inner.Sample(logits, rows, tokens);
        Note("sample", start, 0, logits.Bytes);
    }

    public override void KvAppend(DeviceBuffer k, DeviceBuffer v, KvCache cache, int layer, BatchPlan plan)
    {
        long start = Stopwatch.GetTimestamp();
        inner.KvAppend(k, v, cache, layer, plan);
        Note("kv_append", start, 0, 4 * k.Bytes);
    }

    public override void DecodeAttention(DeviceBuffer q, KvCache cache, int layer, AttentionShape shape, BatchPlan plan, DeviceBuffer y)
    {
        long start = Stopwatch.GetTimestamp();
        inner.DecodeAttention(q, cache, layer, shape, plan, y);
        Note("decode_attention", start, 0, 2 * q.Bytes);
    }

    public override void AdamW(AdapterSet adapters, ReadOnlySpan<AdamWRow> table, DeviceBuffer norms)
    {
        long start = Stopwatch.GetTimestamp();
        inner.AdamW(adapters, table, norms);
        long end = End();
        double elements = 0;
        foreach (AdamWRow row in table)
            elements += adapters.Range(row.Slot).Count;
        // 16 read and 16 written, the norm noted by backward passes; two packed copies of every factor.
        Note("adamw", start, 0, elements * (32 + 2 * Activation.Size()), end);
    }

    public override void Add(DeviceBuffer x, DeviceBuffer y)
    {
        long start = Stopwatch.GetTimestamp();
        inner.Add(x, y);
        Note("add", start, 0, 3 * y.Bytes);
    }

    public override void Cast(DeviceBuffer x, DeviceBuffer y) => inner.Cast(x, y);

    public override void Zero(DeviceBuffer y)
    {
        long start = Stopwatch.GetTimestamp();
        inner.Zero(y);
        Note("zero", start, 0, y.Bytes);
    }

    public override void Write(ReadOnlySpan<float> values, DeviceBuffer y) => inner.Write(values, y);

    public override void Read(DeviceBuffer x, Span<float> values) => inner.Read(x, values);

    public override void Dispose() => inner.Dispose();

    private void Note(string name, long start, double flops, double bytes, long? end = null) =>
        Spans.Add(new OperatorSpan(name, start, end ?? End(), flops, bytes));

    private long End()
    {
        settle?.Invoke();
        return Stopwatch.GetTimestamp();
    }

    private static string Shape(LinearGroup group) => $"{group.Inputs} to {string.Join('/', group.Members.Select(member => member.Weight.Rows))}";

    /// <summary>FLOPs a row of the frozen matrices and of the first adapter's factors.</summary>
    private static (double Frozen, double LowRank) Products(LinearGroup group, AdapterSet? adapters)
    {
        double frozen = 0, low = 0;
        foreach (LinearMember member in group.Members)
        {
            frozen += 2.0 * member.Weight.Rows * member.Weight.Columns;
            if (adapters?.Factors(0, group.Layer, member.Target) is { IsNone: false } f)
                low += 2.0 * f.Rank * (f.Inputs + f.Outputs);
        }
        return (frozen, low);
    }

    /// <summary>Half of each sequence's square of scores, times the width and 2 FLOPs: one causal product.</summary>
    private static double Scores(AttentionShape shape, BatchPlan plan) =>
        plan.Sequences.Sum(sequence => (double)sequence.Length * sequence.Length) * shape.QueryWidth;
}
