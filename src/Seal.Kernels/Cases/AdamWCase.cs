namespace Seal.Kernels.Cases;

/// <summary>Three steps for some of the adapters; the others must not change.</summary>
/// <param name="ranks">One adapter each.</param>
/// <param name="active">Slots with a row in the table.</param>
internal sealed class AdamWCase(int inputs, int outputs, int[] ranks, int[] active, double clip) : OperatorCase
{
    public override string Operator => "adamw";

    public override string Shape => FormattableString.Invariant(
        $"{inputs} to {outputs}, ranks {string.Join(' ', ranks)}, slots {string.Join(' ', active)}, clip {clip}");

    public override void Run(Trial trial)
    {
        AdapterSet set = AdapterInputs.Make(
            trial, [new LinearShape(inputs, outputs)], [.. ranks.Select(rank => new AdapterShape(rank, 2, [0]))]);
        DeviceBuffer norms = trial.WideInput("norms", 1, ranks.Length);
        for (int step = 1; step <= 3; step++)
        {
            trial.Fill(set.Gradients, trial.Values($"gradients {step}", set.Elements, 0.1 / step));
            AdamWRow[] table = [.. active.Select(slot => new AdamWRow(slot, 0.01 / (1 + slot), step, clip, 0.1, 0.9, 0.999, 1e-8))];
            double trained = active.Sum(slot => (double)set.Range(slot).Count);
            var cost = new Cost(14 * trained, 32 * trained + (trial.Operators.Activation == trial.Operators.Wide ? 0 : trial.Bytes(trained)));
            trial.Call($"step {step}", cost, () => trial.Operators.AdamW(set, table, norms));
            trial.Check($"norms {step}", norms, Tolerances.Optimizer);
            trial.Check($"gradients {step}", set.Gradients, Tolerances.Exact);
        }
        trial.Check("first moments", set.FirstMoment, Tolerances.Optimizer);
        trial.Check("second moments", set.SecondMoment, Tolerances.Optimizer);
        trial.Check("parameters", set.Parameters, Tolerances.Optimizer);
        CheckWorking(trial, set);
    }

    /// <summary>The linears read what the optimizer wrote.</summary>
    private void CheckWorking(Trial trial, AdapterSet set)
    {
        LinearGroup group = new(1, [new LinearMember(trial.Weight("W", outputs, inputs), DeviceBuffer.None, 0)]);
        BatchPlan plan = new();
        for (int slot = 0; slot < ranks.Length; slot++)
            plan.Add(new int[3], slot);
        DeviceBuffer y = trial.Output(plan.Rows, outputs);
        trial.Operators.LoraLinear(
            trial.Input("x", plan.Rows, inputs), group, set, plan, trial.Output(plan.Rows, set.WidestGroupRank(group)), [y]);
        trial.Check("y", y, Tolerances.SummedProducts(1, inputs + ranks.Max()));
    }
}
