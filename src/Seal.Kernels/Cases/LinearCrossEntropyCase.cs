namespace Seal.Kernels.Cases;

/// <param name="gain">rms of the logits: 1 is an untrained head, 20 a sure one.</param>
internal sealed class LinearCrossEntropyCase(int rows, int hidden, int vocabulary, double gain) : OperatorCase
{
    public override string Operator => "linear_cross_entropy";

    public override string Shape => FormattableString.Invariant($"{rows} rows of {hidden}, vocabulary {vocabulary}, logits of {gain}");

    public override void Run(Trial trial)
    {
        DeviceBuffer h = trial.Input("h", rows, hidden);
        PackedWeight head = trial.Weight("E", vocabulary, hidden, gain);
        DeviceBuffer targets = trial.Indices(InputValues.Integers("targets", rows, vocabulary));
        double[] weights = trial.Values("weights", rows, 0.1, centre: 0.5);
        DeviceBuffer lossWeights = trial.LossWeights(InputValues.Floats(weights));
        DeviceBuffer logProbabilities = trial.WideOutput(1, rows);
        trial.Operators.LinearCrossEntropy(h, head, targets, lossWeights, logProbabilities, DeviceBuffer.None);
        trial.Check("log-probabilities alone", logProbabilities, Tolerances.LogProbability(hidden, gain));

        trial.Fill(logProbabilities, [.. Enumerable.Repeat(double.NaN, rows)]);
        DeviceBuffer dh = trial.Output(rows, hidden);
        var cost = new Cost(4.0 * rows * hidden * vocabulary, trial.Bytes((double)vocabulary * hidden + 2.0 * rows * hidden));
        trial.Call("forward and backward", cost, () => trial.Operators.LinearCrossEntropy(h, head, targets, lossWeights, logProbabilities, dh));
        trial.Check("log-probabilities", logProbabilities, Tolerances.LogProbability(hidden, gain));
        trial.AddLoss(logProbabilities, [.. weights.Select(weight => -weight)]);
        trial.CheckGradient("h", dh, Tolerances.CrossEntropyGradient(hidden, gain));
    }
}
