using System.Numerics.Tensors;

namespace Seal.Kernels.Cases;

/// <summary>A group over weights in blocks: as a step of generation, whose sequences are in a cache, reads them, and unpacked.</summary>
/// <param name="outputs">Outputs of each member; its target is its index.</param>
/// <param name="adapters">One a slot; null for the bare base without a set.</param>
/// <param name="rows">Adapter (−1: none) of each row.</param>
internal sealed class QuantizedLinearCase(BlockType type, int inputs, int[] outputs, AdapterShape[]? adapters, params int[] rows) : OperatorCase
{
    public override string Operator => "quantized_linear";

    public override string Shape => $"{type}, {inputs} to {string.Join('/', outputs)}, {rows.Length} rows{(adapters is null ? "" : $", {adapters.Length} adapters")}";

    public override void Run(Trial trial)
    {
        BatchPlan generating = new(), scoring = new();
        for (int row = 0; row < rows.Length; row++)
        {
            generating.Add([0], rows[row], firstPosition: 3, cacheSlot: row);
            scoring.Add([0], rows[row]);
        }
        DeviceBuffer x = trial.Input("x", rows.Length, inputs);
        LinearGroup group = new(1, [.. outputs.Select((width, i) => new LinearMember(
            QuantizedInputs.Weight(trial, $"W{i}", type, width, inputs), trial.WideInput($"bias{i}", 1, width), i))]);
        AdapterSet? set = adapters is null ? null : AdapterInputs.Make(
            trial, [.. outputs.Select(width => new LinearShape(inputs, width))], adapters);
        int zWidth = set?.WidestGroupRank(group) ?? 0;
        DeviceBuffer z = zWidth == 0 ? DeviceBuffer.None : trial.Output(rows.Length, zWidth);
        foreach ((string name, BatchPlan plan) in new[] { ("generating", generating), ("scoring", scoring) })
        {
            DeviceBuffer[] y = [.. outputs.Select(width => trial.Output(rows.Length, width))];
            trial.Operators.LoraLinear(x, group, set, plan, z, y);
            for (int i = 0; i < y.Length; i++)
                trial.Check($"y{i} {name}", y[i], Tolerances.ProductWithBlocks(inputs + zWidth));
        }
        if (outputs is [int gate, int up] && gate == up)
            CheckGated(trial, x, group, set, generating, z);
    }

    /// <summary>The same bits as the two operators one after the other.</summary>
    private static void CheckGated(Trial trial, DeviceBuffer x, LinearGroup group, AdapterSet? set, BatchPlan plan, DeviceBuffer z)
    {
        int width = group.Members[0].Weight.Rows;
        DeviceBuffer Output() => trial.Output(x.Rows, width);
        (DeviceBuffer gate, DeviceBuffer up, DeviceBuffer together, DeviceBuffer apart) = (Output(), Output(), Output(), Output());
        trial.Operators.GatedLinear(x, group, set, plan, z, gate, up, together);
        trial.Operators.LoraLinear(x, group, set, plan, z, [gate, up]);
        trial.Operators.SwiGlu(gate, up, apart);
        double[] difference = trial.Read(together);
        TensorPrimitives.Subtract(difference, trial.Read(apart), difference);
        trial.Check("gated, difference", difference, Tolerances.Exact);
    }
}

/// <summary>A tied embedding in blocks: rows of it, and logits.</summary>
internal sealed class QuantizedHeadCase(BlockType type, int rows, int hidden, int vocabulary) : OperatorCase
{
    public override string Operator => "quantized_head";

    public override string Shape => $"{type}, {rows} rows of {hidden}, vocabulary {vocabulary}";

    public override void Run(Trial trial)
    {
        PackedWeight table = QuantizedInputs.Weight(trial, "E", type, vocabulary, hidden);
        DeviceBuffer embedded = trial.Output(rows, hidden);
        trial.Operators.Embed(table, trial.Indices(InputValues.Integers("tokens", rows, vocabulary)), embedded);
        trial.Check("embedded", embedded, Tolerances.Elementwise);
        DeviceBuffer logits = trial.F32(new float[rows * vocabulary], rows, vocabulary);
        trial.Operators.Logits(trial.Input("h", rows, hidden), table, logits);
        trial.Check("logits", logits, Tolerances.ProductWithBlocks(hidden));
    }
}
