namespace Seal.Kernels.Cases;

/// <summary>
/// The gradients' norms as a trainer asks for them: from what backward passes noted, over passes that add up, steps that some adapters
/// have no rows in, and a step whose gradients came from elsewhere. The learning rate is 0, so that every step sees the same factors.
/// </summary>
/// <param name="adapters">One a slot.</param>
/// <param name="passes">Adapter (−1: none) and rows of each run of a pass; an adapter may have several runs.</param>
internal sealed class NotedNormCase(int inputs, int[] outputs, AdapterShape[] adapters, params (int Adapter, int Rows)[][] passes) : OperatorCase
{
    public override string Operator => "adamw";

    public override string Shape => FormattableString.Invariant(
        $"noted norms of {inputs} to {string.Join('/', outputs)}, ranks {string.Join(' ', adapters.Select(a => a.Rank))}, {passes.Length} passes");

    public override void Run(Trial trial)
    {
        AdapterSet set = AdapterInputs.Make(trial, [.. outputs.Select(width => new LinearShape(inputs, width))], adapters);
        int step = 0;
        for (int pass = 0; pass < passes.Length; pass++)
            Add(trial, set, pass);
        Update(trial, set, ++step, noted: true); // all passes added up
        Add(trial, set, passes.Length - 1);
        Update(trial, set, ++step, noted: true); // adapters without rows in the last pass have no gradient now
        Add(trial, set, 0);
        trial.Fill(set.Gradients, trial.Values("gradients from elsewhere", set.Elements));
        Update(trial, set, ++step, noted: false);
        Add(trial, set, 0);
        Update(trial, set, ++step, noted: true);
    }

    private void Add(Trial trial, AdapterSet set, int pass)
    {
        BatchPlan plan = new();
        foreach ((int adapter, int rows) in passes[pass])
            plan.Add(new int[rows], adapter);
        DeviceBuffer x = trial.Input($"x {pass}", plan.Rows, inputs);
        for (int layer = 0; layer < set.Layers; layer++)
        {
            LinearGroup group = new(layer, [.. outputs.Select((width, i) => new LinearMember(trial.Weight($"W{i}", width, inputs), DeviceBuffer.None, i))]);
            DeviceBuffer z = trial.Output(plan.Rows, set.WidestGroupRank(group));
            DeviceBuffer[] y = [.. outputs.Select(width => trial.Output(plan.Rows, width))];
            trial.Operators.LoraLinear(x, group, set, plan, z, y);
            DeviceBuffer[] dy = [.. outputs.Select((width, i) => trial.Input($"dy {pass} {layer} {i}", plan.Rows, width))];
            trial.Operators.LoraLinearBackward(dy, x, z, group, set, plan, DeviceBuffer.None);
        }
    }

    private void Update(Trial trial, AdapterSet set, int step, bool noted)
    {
        DeviceBuffer norms = trial.WideInput("norms", 1, adapters.Length);
        trial.Operators.AdamW(set, [.. adapters.Select((_, slot) => new AdamWRow(slot, 0, step, 1, 0, 0.9, 0.999, 1e-8, noted))], norms);
        trial.Check($"norms {step}", norms, Tolerances.AdapterGradient(passes.Max(pass => pass.Sum(run => run.Rows)) + outputs.Max()));
        trial.Check($"gradients {step}", set.Gradients, Tolerances.Exact);
    }
}
