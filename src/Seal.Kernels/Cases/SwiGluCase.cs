namespace Seal.Kernels.Cases;

internal sealed class SwiGluCase(int rows, int width) : OperatorCase
{
    public override string Operator => "swiglu";

    public override string Shape => $"{rows}x{width}";

    public override void Run(Trial trial)
    {
        DeviceBuffer gate = trial.Input("gate", rows, width, 3);
        DeviceBuffer up = trial.Input("up", rows, width);
        DeviceBuffer y = trial.Output(rows, width);
        trial.Operators.SwiGlu(gate, up, y);
        trial.Check("y", y, Tolerances.Elementwise);

        double[] weights = trial.Values("dy", y.Elements);
        trial.AddLoss(y, weights);
        DeviceBuffer dgate = trial.Output(rows, width);
        DeviceBuffer dup = trial.Output(rows, width);
        trial.Operators.SwiGluBackward(trial.Fill(trial.Output(rows, width), weights), gate, up, dgate, dup);
        trial.CheckGradient("gate", dgate, Tolerances.Elementwise);
        trial.CheckGradient("up", dup, Tolerances.Elementwise);
    }
}
