using System.Text.Json.Serialization;
using Seal.Kernels;
using Seal.Learning.Statistics;
using Seal.Models.Formats;

namespace Seal.Learning.Knowledge;

/// <summary>
/// Accuracy while passages are learned one after another: row r is after r updates, column i is passage i; row 0 is full, row r has r cells, others are 0.
/// The schema of the published <c>summary_*.json</c>.
/// </summary>
/// <param name="MeanOverSequences">[passages + 1][passages], mean of each cell.</param>
/// <param name="StdOverSequences">Sample standard deviation of each cell.</param>
/// <param name="NSequences">Sequences of passages averaged over.</param>
/// <param name="NDatapoints">Passages in a sequence.</param>
public sealed record ContinualSummary(
    IReadOnlyList<double[]> MeanOverSequences,
    IReadOnlyList<double[]> StdOverSequences,
    int NSequences,
    int NDatapoints,
    string Dataset,
    string BaseModel)
{
    /// <exception cref="SealException">The file cannot be read or lacks a field; the message names both.</exception>
    public static ContinualSummary Read(string path)
    {
        var summary = PublishedJson.Read<ContinualSummary>(path, "a continual summary (mean_over_sequences, std_over_sequences)");
        Check("mean_over_sequences", summary.MeanOverSequences);
        Check("std_over_sequences", summary.StdOverSequences);
        return summary;

        void Check(string field, IReadOnlyList<double[]> matrix)
        {
            int passages = summary.NDatapoints;
            if (passages < 1 || matrix.Count != passages + 1 || matrix.Any(row => row?.Length != passages))
                throw new SealException($"{path}, field '{field}' does not fit n_datapoints {passages}: expected {passages + 1} rows of {passages}.");
        }
    }

    /// <summary>Writes the file whole or not at all.</summary>
    public void Write(string path) => AtomicFile.WriteText(path, PublishedJson.Serialize(this));

    /// <summary>
    /// Several runs as one. Means are weighted by sequences. The standard deviation is the pooled one,
    /// s² = Σ [(n_i - 1) s_i² + n_i (m_i - m)²] / (Σ n_i - 1); with <paramref name="compat"/> it is the published average of the runs' own,
    /// and everything is rounded to four decimals.
    /// </summary>
    /// <exception cref="SealException">The runs were not made alike.</exception>
    public static ContinualSummary Average(IReadOnlyList<ContinualSummary> runs, bool compat = false)
    {
        if (runs.Count == 0)
            throw new SealException("There is no continual run to average; expected at least one summary.");
        ContinualSummary first = runs[0];
        foreach (ContinualSummary run in runs)
        {
            if ((run.NDatapoints, run.Dataset, run.BaseModel) != (first.NDatapoints, first.Dataset, first.BaseModel))
                throw new SealException(
                    $"Continual runs differ: {run.NDatapoints} passages of {run.Dataset} on {run.BaseModel}, the first has {first.NDatapoints} of {first.Dataset} on {first.BaseModel}. Average like with like.");
        }
        return first with
        {
            MeanOverSequences = Cells((r, c) => Rounded(compat ? Sample.Mean(Of(runs, r, c)) : Mean(runs, r, c))),
            StdOverSequences = Cells((r, c) => Rounded(compat ? Sample.Mean(runs.Select(s => s.StdOverSequences[r][c]).ToArray()) : PooledStd(runs, r, c))),
            NSequences = runs.Sum(r => r.NSequences),
        };

        double Rounded(double value) => compat ? Statistics.Rounded.ToFourDecimals(value) : value;

        double[][] Cells(Func<int, int, double> cell) =>
            Enumerable.Range(0, first.NDatapoints + 1).Select(r => Enumerable.Range(0, first.NDatapoints).Select(c => cell(r, c)).ToArray()).ToArray();
    }

    /// <summary>Mean accuracy of each passage right after it was learned.</summary>
    [JsonIgnore]
    public double JustLearned => Enumerable.Range(0, NDatapoints).Average(i => MeanOverSequences[i + 1][i]);

    /// <summary>What later updates did to the earlier passages: final accuracy minus accuracy when just learned, all but the last passage. Negative is forgetting.</summary>
    [JsonIgnore]
    public double BackwardTransfer => Enumerable.Range(0, NDatapoints - 1).Average(i => MeanOverSequences[NDatapoints][i] - MeanOverSequences[i + 1][i]);

    /// <summary>Mean accuracy after all updates minus that before any.</summary>
    [JsonIgnore]
    public double FinalGain => MeanOverSequences[NDatapoints].Average() - MeanOverSequences[0].Average();

    private static double[] Of(IReadOnlyList<ContinualSummary> runs, int row, int column) => runs.Select(s => s.MeanOverSequences[row][column]).ToArray();

    private static double Mean(IReadOnlyList<ContinualSummary> runs, int row, int column) =>
        runs.Sum(s => s.NSequences * s.MeanOverSequences[row][column]) / runs.Sum(s => s.NSequences);

    private static double PooledStd(IReadOnlyList<ContinualSummary> runs, int row, int column)
    {
        double mean = Mean(runs, row, column), squares = 0;
        foreach (ContinualSummary run in runs)
        {
            double std = run.StdOverSequences[row][column], offset = run.MeanOverSequences[row][column] - mean;
            squares += (run.NSequences - 1) * std * std + run.NSequences * offset * offset;
        }
        int all = runs.Sum(s => s.NSequences);
        return all < 2 ? 0 : Math.Sqrt(squares / (all - 1));
    }
}
