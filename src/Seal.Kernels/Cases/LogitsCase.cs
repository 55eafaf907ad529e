namespace Seal.Kernels.Cases;

internal sealed class LogitsCase(int rows, int hidden, int vocabulary) : OperatorCase
{
    public override string Operator => "logits";

    public override string Shape => $"{rows} rows of {hidden}, vocabulary {vocabulary}";

    public override void Run(Trial trial)
    {
        DeviceBuffer logits = trial.F32(new float[rows * vocabulary], rows, vocabulary);
        trial.Operators.Logits(trial.Input("h", rows, hidden), trial.Weight("E", vocabulary, hidden), logits);
        trial.Check("logits", logits, Tolerances.Product(hidden));
    }
}
