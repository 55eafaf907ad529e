namespace Seal.Kernels.Cases;

internal sealed class AddCase(int rows, int width) : OperatorCase
{
    public override string Operator => "add";

    public override string Shape => $"{rows}x{width}";

    public override void Run(Trial trial)
    {
        DeviceBuffer y = trial.Input("y", rows, width);
        DeviceBuffer x = trial.Input("x", rows, width);
        trial.Call("forward", new Cost(y.Elements, trial.Bytes(3.0 * y.Elements)), () => trial.Operators.Add(x, y));
        trial.Check("y", y, Tolerances.Elementwise);
    }
}

internal sealed class CastCase(int rows, int width) : OperatorCase
{
    public override string Operator => "cast";

    public override string Shape => $"{rows}x{width}";

    public override void Run(Trial trial)
    {
        DeviceBuffer wide = trial.WideOutput(rows, width);
        trial.Operators.Cast(trial.Input("x", rows, width), wide);
        trial.Check("widened", wide, Tolerances.Exact);

        DeviceBuffer narrow = trial.Output(rows, width);
        double[] values = InputValues.Random("wide x", wide.Elements, 1, 0, DType.F32);
        trial.Operators.Cast(trial.Fill(wide, values), narrow);
        trial.Check("narrowed", narrow, Tolerances.Elementwise);
    }
}

internal sealed class ZeroCase(int rows, int width) : OperatorCase
{
    public override string Operator => "zero";

    public override string Shape => $"{rows}x{width}";

    public override void Run(Trial trial)
    {
        DeviceBuffer y = trial.Output(rows, width);
        trial.Operators.Zero(y);
        trial.Check("y", y, Tolerances.Exact);
    }
}
