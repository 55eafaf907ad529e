namespace Seal.Kernels.Tests;

/// <summary>The formulas once more as scalar loops in f64, sharing nothing with the operators: what the reference is held against.</summary>
internal static class PlainLoops
{
    public static double[] RmsNorm(double[] x, double[] gain, double eps)
    {
        int n = gain.Length;
        double[] y = new double[x.Length];
        for (int row = 0; row < x.Length / n; row++)
        {
            double squares = 0;
            for (int j = 0; j < n; j++)
                squares += x[row * n + j] * x[row * n + j];
            for (int j = 0; j < n; j++)
                y[row * n + j] = x[row * n + j] / Math.Sqrt(squares / n + eps) * gain[j];
        }
        return y;
    }

    /// <summary>y[i, o] = Σ_j x[i, j]·w[o, j] for x [rows, k] and w [outs, k].</summary>
    public static double[] TimesTransposed(double[] x, double[] w, int k)
    {
        int rows = x.Length / k;
        int outs = w.Length / k;
        double[] y = new double[rows * outs];
        for (int i = 0; i < rows; i++)
            for (int o = 0; o < outs; o++)
                for (int j = 0; j < k; j++)
                    y[i * outs + o] += x[i * k + j] * w[o * k + j];
        return y;
    }

    /// <summary>One sequence of <paramref name="queries"/> rows that are the last of <paramref name="cached"/> ones.</summary>
    public static (double[] Y, double[] LogSumExp) Attention(
        double[] q, double[] k, double[] v, AttentionShape shape, int queries, int cached)
    {
        int d = shape.HeadDim;
        double[] y = new double[queries * shape.QueryWidth];
        double[] logSumExp = new double[queries * shape.Heads];
        for (int row = 0; row < queries; row++)
            for (int head = 0; head < shape.Heads; head++)
            {
                int kvHead = head * shape.KvHeads / shape.Heads;
                int visible = cached - queries + row + 1;
                double total = 0;
                double[] mixed = new double[d];
                for (int other = 0; other < visible; other++)
                {
                    double score = 0;
                    for (int j = 0; j < d; j++)
                        score += q[row * shape.QueryWidth + head * d + j] * k[other * shape.KvWidth + kvHead * d + j];
                    double weight = Math.Exp(score / Math.Sqrt(d));
                    total += weight;
                    for (int j = 0; j < d; j++)
                        mixed[j] += weight * v[other * shape.KvWidth + kvHead * d + j];
                }
                for (int j = 0; j < d; j++)
                    y[row * shape.QueryWidth + head * d + j] = mixed[j] / total;
                logSumExp[row * shape.Heads + head] = Math.Log(total);
            }
        return (y, logSumExp);
    }

    /// <summary>log softmax(logits)[target] of every row.</summary>
    public static double[] LogProbabilities(double[] logits, int[] targets)
    {
        int vocabulary = logits.Length / targets.Length;
        double[] result = new double[targets.Length];
        for (int i = 0; i < targets.Length; i++)
        {
            double total = 0;
            for (int id = 0; id < vocabulary; id++)
                total += Math.Exp(logits[i * vocabulary + id]);
            result[i] = logits[i * vocabulary + targets[i]] - Math.Log(total);
        }
        return result;
    }

    /// <summary>One step of AdamW on one adapter, as <see cref="AdamWRow"/> states it; returns the norm before clipping.</summary>
    public static double AdamW(Span<double> p, ReadOnlySpan<double> g, Span<double> m, Span<double> v, AdamWRow row)
    {
        double squares = 0;
        foreach (double gradient in g)
            squares += gradient * gradient;
        double norm = Math.Sqrt(squares);
        double clip = row.ClipNorm > 0 ? Math.Min(1, row.ClipNorm / (norm + 1e-6)) : 1;
        for (int i = 0; i < p.Length; i++)
        {
            double gradient = g[i] * clip;
            m[i] = row.Beta1 * m[i] + (1 - row.Beta1) * gradient;
            v[i] = row.Beta2 * v[i] + (1 - row.Beta2) * gradient * gradient;
            double mean = m[i] / (1 - Math.Pow(row.Beta1, row.Step));
            double square = v[i] / (1 - Math.Pow(row.Beta2, row.Step));
            p[i] = p[i] * (1 - row.LearningRate * row.WeightDecay) - row.LearningRate * mean / (Math.Sqrt(square) + row.Epsilon);
        }
        return norm;
    }
}
