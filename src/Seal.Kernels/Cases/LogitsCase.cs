namespace Seal.Kernels.Cases;

internal sealed class LogitsCase(int rows, int hidden, int vocabulary) : OperatorCase
{
    public override string Operator => "logits";

    public override string Shape => $"{rows} rows of {hidden}, vocabulary {vocabulary}";

    public override void Run(Trial trial)
    {
        DeviceBuffer logits = trial.F32(new float[rows * vocabulary], rows, vocabulary);
        DeviceBuffer h = trial.Input("h", rows, hidden);
        PackedWeight head = trial.Weight("E", vocabulary, hidden);
        var cost = new Cost(2.0 * rows * hidden * vocabulary, trial.Bytes((double)vocabulary * hidden) + 4.0 * rows * vocabulary);
        trial.Call("forward", cost, () => trial.Operators.Logits(h, head, logits));
        trial.Check("logits", logits, Tolerances.Product(hidden));
    }
}
