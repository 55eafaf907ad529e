namespace Seal.Kernels.Cases;

internal sealed class RopeCase(int rows, int heads, int headDim) : OperatorCase
{
    public override string Operator => "rope";

    public override string Shape => $"{rows} rows, {heads} heads of {headDim}";

    public override void Run(Trial trial)
    {
        const int longest = 50;
        DeviceBuffer table = Angles(trial, longest, headDim);
        DeviceBuffer positions = trial.Indices(InputValues.Integers("positions", rows, longest));
        DeviceBuffer x = trial.Input("x", rows, heads * headDim);
        trial.Call("forward", new Cost(3.0 * x.Elements, trial.Bytes(2.0 * x.Elements)), () => trial.Operators.Rope(x, headDim, positions, table, inverse: false));
        trial.Check("y", x, Tolerances.Elementwise);

        double[] weights = trial.Values("dy", x.Elements);
        trial.AddLoss(x, weights);
        DeviceBuffer dy = trial.Fill(trial.Output(rows, heads * headDim), weights);
        trial.Operators.Rope(dy, headDim, positions, table, inverse: true);
        trial.CheckGradient("x", dy, Tolerances.Elementwise);

        // Queries and keys together: each as it would be alone.
        DeviceBuffer q = trial.Input("x", rows, heads * headDim), k = trial.Input("k", rows, headDim);
        trial.Operators.Rope(q, k, headDim, positions, table, inverse: false);
        trial.Check("q of a pair", q, Tolerances.Elementwise);
        trial.Check("k of a pair", k, Tolerances.Elementwise);
    }

    /// <summary>cosSin of so many positions.</summary>
    internal static DeviceBuffer Angles(Trial trial, int positions, int headDim)
    {
        float[] cosSin = new float[positions * headDim];
        for (int position = 0; position < positions; position++)
            for (int j = 0; j < headDim / 2; j++)
            {
                double angle = position * Math.Pow(10000, -2.0 * j / headDim);
                cosSin[position * headDim + j] = (float)Math.Cos(angle);
                cosSin[position * headDim + headDim / 2 + j] = (float)Math.Sin(angle);
            }
        return trial.F32(cosSin, positions, headDim);
    }
}
