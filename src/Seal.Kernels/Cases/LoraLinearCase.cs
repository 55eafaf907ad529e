namespace Seal.Kernels.Cases;

/// <param name="shape">What is special about it.</param>
/// <param name="outputs">Outputs of each member; its target is its index.</param>
/// <param name="adapters">One a slot; null for the bare base without a set.</param>
/// <param name="segments">Adapter (−1: none) and rows of each run.</param>
internal sealed class LoraLinearCase(
    string shape, int inputs, int[] outputs, bool bias, AdapterShape[]? adapters, params (int Adapter, int Rows)[] segments) : OperatorCase
{
    public override string Operator => "lora_linear";

    public override string Shape => $"{inputs} to {string.Join('/', outputs)}, {segments.Sum(s => s.Rows)} rows: {shape}";

    public override void Run(Trial trial)
    {
        BatchPlan plan = new();
        foreach ((int adapter, int rows) in segments)
            plan.Add(new int[rows], adapter);
        DeviceBuffer x = trial.Input("x", plan.Rows, inputs);
        LinearGroup group = new(1, [.. outputs.Select((width, i) => new LinearMember(
            trial.Weight($"W{i}", width, inputs), bias ? trial.WideInput($"bias{i}", 1, width) : DeviceBuffer.None, i))]);
        AdapterSet? set = adapters is null ? null : AdapterInputs.Make(
            trial, [.. outputs.Select(width => new LinearShape(inputs, width))], adapters);
        int zWidth = set?.WidestGroupRank(group) ?? 0;
        DeviceBuffer z = zWidth == 0 ? DeviceBuffer.None : trial.Output(plan.Rows, zWidth);
        DeviceBuffer[] y = [.. outputs.Select(width => trial.Output(plan.Rows, width))];
        trial.Call("forward", Cost(trial, set, 1), () => trial.Operators.LoraLinear(x, group, set, plan, z, y));
        for (int i = 0; i < y.Length; i++)
            trial.Check($"y{i}", y[i], set is null ? Tolerances.Product(inputs) : Tolerances.SummedProducts(1, inputs + zWidth));
        if (set is null)
            return;
        if (!z.IsNone)
            trial.Check("z / scale", WrittenPart(trial.Read(z), zWidth, plan, set, group), Tolerances.Product(inputs));
        RunBackward(trial, plan, x, z, group, set, y);
    }

    private void RunBackward(
        Trial trial, BatchPlan plan, DeviceBuffer x, DeviceBuffer z, LinearGroup group, AdapterSet set, DeviceBuffer[] y)
    {
        DeviceBuffer[] dy = new DeviceBuffer[y.Length];
        for (int i = 0; i < y.Length; i++)
        {
            double[] weights = trial.Values($"dy{i}", y[i].Elements);
            trial.AddLoss(y[i], weights);
            dy[i] = trial.Fill(trial.Output(plan.Rows, y[i].Columns), weights);
        }
        double[] before = trial.Read(trial.Fill(set.Gradients, trial.Values("gradients before", set.Elements)));
        DeviceBuffer dx = trial.Output(plan.Rows, inputs);
        trial.Call("backward", Cost(trial, set, 2), () => trial.Operators.LoraLinearBackward(dy, x, z, group, set, plan, dx));
        trial.CheckGradient("x", dx, Tolerances.SummedProducts(y.Length, outputs.Sum()));
        if (set.Elements > 0)
            trial.CheckGradient("adapters", set.Gradients, Tolerances.AdapterGradient(plan.Rows + outputs.Max()), before);

        // Without dx the gradients of the adapters are the same.
        trial.Fill(set.Gradients, before);
        trial.Operators.LoraLinearBackward(dy, x, z, group, set, plan, DeviceBuffer.None);
        if (set.Elements > 0)
            trial.Check("d adapters alone", set.Gradients, Tolerances.AdapterGradient(plan.Rows + outputs.Max()));
    }

    /// <summary>2·T·in·Σout for the base, 2·T·r·(in + out) for each member's adapter forward and twice that backward (dz, dA, dB, dx).</summary>
    private Cost Cost(Trial trial, AdapterSet? set, int loraPasses)
    {
        double rows = segments.Sum(s => s.Rows), wide = outputs.Sum();
        double lora = set is null ? 0 : segments.Sum(s => outputs.Select((width, i) => 2.0 * s.Rows * set.Factors(s.Adapter, 1, i).Rank * (inputs + width)).Sum());
        return new Cost(2 * rows * inputs * wide + loraPasses * lora, trial.Bytes(rows * (inputs + wide) + inputs * wide));
    }

    /// <summary>The columns of z that mean anything, as many as each row's own adapter has ranks, in units of its scale: each is judged by numbers of its own size.</summary>
    private double[] WrittenPart(double[] z, int width, BatchPlan plan, AdapterSet set, LinearGroup group) =>
        [.. plan.Segments.Where(segment => segment.Adapter >= 0).SelectMany(segment => Enumerable.Range(segment.Start, segment.Count)
            .SelectMany(row => z.Skip(row * width).Take(set.GroupRank(segment.Adapter, group)).Select(value => value / adapters![segment.Adapter].Scale)))];
}
