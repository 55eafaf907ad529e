namespace Seal.Kernels.Cases;

internal sealed class RmsNormCase(int rows, int width, bool residual) : OperatorCase
{
    public override string Operator => "rms_norm";

    public override string Shape => $"{rows}x{width}{(residual ? " + residual" : "")}";

    public override void Run(Trial trial)
    {
        Operators o = trial.Operators;
        DeviceBuffer x = trial.Input("x", rows, width);
        DeviceBuffer delta = residual ? trial.Input("delta", rows, width, 0.5) : DeviceBuffer.None;
        DeviceBuffer sum = residual ? trial.Output(rows, width) : DeviceBuffer.None;
        DeviceBuffer gain = trial.WideInput("gain", 1, width, 0.3, centre: 1);
        DeviceBuffer y = trial.Output(rows, width);
        DeviceBuffer inverse = trial.WideOutput(1, rows);
        double elements = (double)rows * width;
        trial.Call("forward", new Cost((residual ? 5 : 4) * elements, trial.Bytes((residual ? 4 : 2) * elements)), () => o.RmsNorm(x, delta, sum, gain, 1e-5, y, inverse));
        if (residual)
            trial.HandOver("sum", sum, Tolerances.Elementwise);
        trial.Check("y", y, Tolerances.Normalised(width));
        trial.HandOver("1/rms", inverse, Tolerances.Elementwise);

        double[] weights = trial.Values("dy", (long)rows * width);
        trial.AddLoss(y, weights);
        DeviceBuffer dx = trial.Input("dx before", rows, width);
        double[] before = trial.Read(dx);
        DeviceBuffer dy = trial.Fill(trial.Output(rows, width), weights);
        trial.Call("backward", new Cost(8 * elements, trial.Bytes(4 * elements)), () => o.RmsNormBackward(dy, residual ? sum : x, gain, inverse, dx));
        if (width == 1 && o.Activation != DType.F64)
            trial.Check("d x", dx, Tolerances.Normalised(width)); // ±gain whatever x is: a slope of 1e-5 drowns in the rounding of its differences
        else
            trial.CheckGradient("x", dx, Tolerances.Normalised(width), before);
    }
}
