namespace Seal.Kernels.Cases;

internal sealed class SampleCase(float temperature, int topK, float topP) : OperatorCase
{
    public override string Operator => "sample";

    public override string Shape => FormattableString.Invariant($"temperature {temperature}, top-k {topK}, top-p {topP}");

    public override void Run(Trial trial)
    {
        const int rows = 16;
        const int vocabulary = 301;
        float[] logits = InputValues.Floats(InputValues.Random("logits", rows * vocabulary, 2, 0, DType.F32));
        SamplingRow[] rules = [.. Enumerable.Range(0, rows).Select(i => new SamplingRow(temperature, topK, topP, (ulong)i, 3 * i))];
        int[] tokens = new int[rows];
        trial.Operators.Sample(trial.F32(logits, rows, vocabulary), rules, tokens);
        trial.Check("tokens", Array.ConvertAll(tokens, token => (double)token), Tolerances.Exact);
    }
}
