namespace Seal.Kernels.Cases;

internal sealed class CausalAttentionCase(AttentionShape attention, params int[] lengths) : OperatorCase
{
    public override string Operator => "causal_attention";

    public override string Shape => $"{attention.Heads}:{attention.KvHeads} heads of {attention.HeadDim}, sequences of {string.Join(' ', lengths)}";

    public override void Run(Trial trial)
    {
        Operators o = trial.Operators;
        BatchPlan plan = new();
        foreach (int length in lengths)
            plan.Add(new int[length]);
        DeviceBuffer q = trial.Input("q", plan.Rows, attention.QueryWidth);
        DeviceBuffer k = trial.Input("k", plan.Rows, attention.KvWidth);
        DeviceBuffer v = trial.Input("v", plan.Rows, attention.KvWidth);
        DeviceBuffer y = trial.Output(plan.Rows, attention.QueryWidth);
        DeviceBuffer logSumExp = trial.WideOutput(plan.Rows, attention.Heads);
        o.CausalAttention(q, k, v, attention, plan, y, DeviceBuffer.None);
        trial.Check("y alone", y, Tolerances.Attention(attention.HeadDim));
        trial.Call("forward", Cost(trial, 2), () => o.CausalAttention(q, k, v, attention, plan, y, logSumExp));
        double[] weights = trial.Values("dy", y.Elements);
        trial.AddLoss(y, weights);
        trial.HandOver("y", y, Tolerances.Attention(attention.HeadDim));
        trial.HandOver("log-sum-exp", logSumExp, Tolerances.Statistic(attention.HeadDim));

        DeviceBuffer dy = trial.Fill(trial.Output(plan.Rows, attention.QueryWidth), weights);
        DeviceBuffer dq = trial.Output(plan.Rows, attention.QueryWidth);
        DeviceBuffer dk = trial.Output(plan.Rows, attention.KvWidth);
        DeviceBuffer dv = trial.Output(plan.Rows, attention.KvWidth);
        trial.Call("backward", Cost(trial, 5), () => o.CausalAttentionBackward(dy, q, k, v, y, logSumExp, attention, plan, dq, dk, dv));
        Tolerance tolerance = Tolerances.AttentionGradient(attention.HeadDim + plan.LongestSequence);
        if (lengths.Max() > 1) // a lone row attends to itself whatever its scores are
        {
            trial.CheckGradient("q", dq, tolerance);
            trial.CheckGradient("k", dk, tolerance);
        }
        trial.CheckGradient("v", dv, tolerance);
    }

    /// <summary>T·(T + 1)·d a head for each product: 2 forward, 5 backward, where the scores are computed once more.</summary>
    private Cost Cost(Trial trial, int products)
    {
        double pairs = lengths.Sum(length => (double)length * (length + 1)), rows = lengths.Sum();
        return new Cost(products * pairs * attention.QueryWidth, trial.Bytes(products * rows * (attention.QueryWidth + attention.KvWidth)));
    }
}
