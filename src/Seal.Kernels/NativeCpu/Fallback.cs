namespace Seal.Kernels;

/// <summary>What libseal does not have yet: one line in the list and one member, removed together when its kernel comes.</summary>
public sealed partial class NativeOperators
{
    /// <summary>The operators that run on the torch backend, by their stems.</summary>
    public static IReadOnlyList<string> Fallback { get; } =
    [
        "embed", "lora_linear", "linear_cross_entropy", "logits",
    ];

    public override PackedWeight Prepare(ReadOnlySpan<float> weight, int rows, int columns) => Torch.Prepare(weight, rows, columns);

    public override void Embed(PackedWeight table, DeviceBuffer tokens, DeviceBuffer y) => Torch.Embed(table, tokens, y);

    public override void LoraLinear(
        DeviceBuffer x, LinearGroup group, AdapterSet? adapters, BatchPlan plan, DeviceBuffer z, ReadOnlySpan<DeviceBuffer> y) =>
        Torch.LoraLinear(x, group, adapters, plan, z, y);

    public override void LoraLinearBackward(
        ReadOnlySpan<DeviceBuffer> dy, DeviceBuffer x, DeviceBuffer z, LinearGroup group, AdapterSet adapters, BatchPlan plan, DeviceBuffer dx) =>
        Torch.LoraLinearBackward(dy, x, z, group, adapters, plan, dx);

    public override void LinearCrossEntropy(
        DeviceBuffer h, PackedWeight head, DeviceBuffer targets, DeviceBuffer weights, DeviceBuffer logProbabilities, DeviceBuffer dh) =>
        Torch.LinearCrossEntropy(h, head, targets, weights, logProbabilities, dh);

    public override void Logits(DeviceBuffer h, PackedWeight head, DeviceBuffer logits) => Torch.Logits(h, head, logits);
}
