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
        trial.Call("forward", new Cost(5.0 * y.Elements, trial.Bytes(3.0 * y.Elements)), () => trial.Operators.SwiGlu(gate, up, y));
        trial.Check("y", y, Tolerances.Elementwise);

        double[] weights = trial.Values("dy", y.Elements);
        trial.AddLoss(y, weights);
        DeviceBuffer dgate = trial.Output(rows, width);
        DeviceBuffer dup = trial.Output(rows, width);
        DeviceBuffer dy = trial.Fill(trial.Output(rows, width), weights);
        trial.Call("backward", new Cost(9.0 * y.Elements, trial.Bytes(5.0 * y.Elements)), () => trial.Operators.SwiGluBackward(dy, gate, up, dgate, dup));
        trial.CheckGradient("gate", dgate, Tolerances.Elementwise);
        trial.CheckGradient("up", dup, Tolerances.Elementwise);
    }
}
