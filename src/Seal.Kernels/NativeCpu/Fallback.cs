namespace Seal.Kernels;

/// <summary>What libseal does not have yet: one line in the list and one member, removed together when its kernel comes.</summary>
public sealed partial class NativeOperators
{
    /// <summary>The operators that run on the torch backend, by their stems.</summary>
    public static IReadOnlyList<string> Fallback { get; } =
    [
        "rms_norm", "rope", "causal_attention", "swiglu", "gather_rows", "scatter_rows", "sample", "kv_append", "decode_attention",
        "adamw", "cast", "zero", "write", "read",
    ];

    public override void RmsNorm(
        DeviceBuffer x, DeviceBuffer delta, DeviceBuffer sum, DeviceBuffer gain, double eps, DeviceBuffer y, DeviceBuffer inverseRms) =>
        Torch.RmsNorm(x, delta, sum, gain, eps, y, inverseRms);

    public override void RmsNormBackward(DeviceBuffer dy, DeviceBuffer x, DeviceBuffer gain, DeviceBuffer inverseRms, DeviceBuffer dx) =>
        Torch.RmsNormBackward(dy, x, gain, inverseRms, dx);

    public override void Rope(DeviceBuffer x, int headDim, DeviceBuffer positions, DeviceBuffer cosSin, bool inverse) =>
        Torch.Rope(x, headDim, positions, cosSin, inverse);

    public override void CausalAttention(
        DeviceBuffer q, DeviceBuffer k, DeviceBuffer v, AttentionShape shape, BatchPlan plan, DeviceBuffer y, DeviceBuffer logSumExp) =>
        Torch.CausalAttention(q, k, v, shape, plan, y, logSumExp);

    public override void CausalAttentionBackward(
        DeviceBuffer dy, DeviceBuffer q, DeviceBuffer k, DeviceBuffer v, DeviceBuffer y, DeviceBuffer logSumExp,
        AttentionShape shape, BatchPlan plan, DeviceBuffer dq, DeviceBuffer dk, DeviceBuffer dv) =>
        Torch.CausalAttentionBackward(dy, q, k, v, y, logSumExp, shape, plan, dq, dk, dv);

    public override void SwiGlu(DeviceBuffer gate, DeviceBuffer up, DeviceBuffer y) => Torch.SwiGlu(gate, up, y);

    public override void SwiGluBackward(DeviceBuffer dy, DeviceBuffer gate, DeviceBuffer up, DeviceBuffer dgate, DeviceBuffer dup) =>
        Torch.SwiGluBackward(dy, gate, up, dgate, dup);

    public override void GatherRows(DeviceBuffer x, DeviceBuffer rows, DeviceBuffer y) => Torch.GatherRows(x, rows, y);

    public override void ScatterRows(DeviceBuffer x, DeviceBuffer rows, DeviceBuffer y) => Torch.ScatterRows(x, rows, y);

    public override void Sample(DeviceBuffer logits, ReadOnlySpan<SamplingRow> rows, Span<int> tokens) => Torch.Sample(logits, rows, tokens);

    public override void KvAppend(DeviceBuffer k, DeviceBuffer v, KvCache cache, int layer, BatchPlan plan) => Torch.KvAppend(k, v, cache, layer, plan);

    public override void DecodeAttention(DeviceBuffer q, KvCache cache, int layer, AttentionShape shape, BatchPlan plan, DeviceBuffer y) =>
        Torch.DecodeAttention(q, cache, layer, shape, plan, y);

    public override void AdamW(AdapterSet adapters, ReadOnlySpan<AdamWRow> table, DeviceBuffer norms) => Torch.AdamW(adapters, table, norms);

    public override void Cast(DeviceBuffer x, DeviceBuffer y) => Torch.Cast(x, y);

    public override void Zero(DeviceBuffer y) => Torch.Zero(y);

    public override void Write(ReadOnlySpan<float> values, DeviceBuffer y) => Torch.Write(values, y);

    public override void Read(DeviceBuffer x, Span<float> values) => Torch.Read(x, values);
}
