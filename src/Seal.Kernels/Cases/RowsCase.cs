namespace Seal.Kernels.Cases;

internal sealed class EmbedCase(int tokens, int hidden, int vocabulary) : OperatorCase
{
    public override string Operator => "embed";

    public override string Shape => $"{tokens} of {vocabulary} rows of {hidden}";

    public override void Run(Trial trial)
    {
        DeviceBuffer y = trial.Output(tokens, hidden);
        int[] ids = InputValues.Integers("tokens", tokens, vocabulary);
        trial.Operators.Embed(trial.Weight("E", vocabulary, hidden), trial.Indices(ids), y);
        trial.Check("y", y, Tolerances.Elementwise); // the table is rounded to the activation type when it is prepared
    }
}

internal sealed class GatherRowsCase(int rows, int width, params int[] picked) : OperatorCase
{
    public override string Operator => "gather_rows";

    public override string Shape => $"{picked.Length} of {rows}x{width}";

    public override void Run(Trial trial)
    {
        DeviceBuffer x = trial.Input("x", rows, width);
        DeviceBuffer indices = trial.Indices(picked);
        DeviceBuffer gathered = trial.Output(picked.Length, width);
        trial.Operators.GatherRows(x, indices, gathered);
        trial.Check("gathered", gathered, Tolerances.Exact);

        double[] weights = trial.Values("dy", gathered.Elements);
        trial.AddLoss(gathered, weights);
        DeviceBuffer scattered = trial.Output(rows, width);
        trial.Operators.ScatterRows(trial.Fill(trial.Output(picked.Length, width), weights), indices, scattered);
        trial.CheckGradient("x", scattered, Tolerances.Exact);
    }
}
