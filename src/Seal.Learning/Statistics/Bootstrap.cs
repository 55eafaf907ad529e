using Seal.Kernels;

namespace Seal.Learning.Statistics;

/// <summary>An estimate with its interval.</summary>
/// <param name="Estimate">The statistic of the sample itself.</param>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
public readonly record struct Interval(double Estimate, double Low, double High)
{
    /// <summary>Whether a difference of zero is ruled out.</summary>
    public bool ExcludesZero => Low > 0 || High < 0;
}

/// <summary>
/// Percentile intervals by resampling passages (Efron and Tibshirani, 1993, chapter 13). The passage is the unit because its questions share
/// one text and one adapter, so their verdicts are not independent.
/// </summary>
public sealed record Bootstrap
{
    /// <summary>A statistic of the units drawn, given as indices in which a unit may stand several times.</summary>
    public delegate double Statistic(ReadOnlySpan<int> drawn);

    /// <summary>How many resamples.</summary>
    public int Resamples { get; init; } = 10_000;

    /// <summary>Share of resamples inside the interval.</summary>
    public double Level { get; init; } = 0.95;

    /// <summary>Root of all draws: the same seed gives the same interval.</summary>
    public ulong Seed { get; init; } = 42;

    /// <summary>Mean over passages (macro average).</summary>
    public Interval Mean(IReadOnlyList<double> values) => Of(values.Count, drawn =>
    {
        double sum = 0;
        foreach (int i in drawn)
            sum += values[i];
        return sum / drawn.Length;
    });

    /// <summary>Mean of <c>treated[i] - control[i]</c>: both were measured on the same passages, so a passage is drawn with both.</summary>
    public Interval PairedDifference(IReadOnlyList<double> treated, IReadOnlyList<double> control)
    {
        if (treated.Count != control.Count)
            throw new SealException($"A paired difference needs the same passages on both sides, but there are {treated.Count} and {control.Count}.");
        return Mean(treated.Zip(control, (t, c) => t - c).ToArray());
    }

    /// <summary>
    /// Mean of the groups' means: groups are drawn, and within each drawn group its values. For runs with several seeds: what one seed made
    /// differs from what another would have made.
    /// </summary>
    public Interval Nested(IReadOnlyList<double[]> groups)
    {
        ulong seed = CounterRandom.Derive(Seed, "within groups");
        ulong counter = 0;
        bool first = true; // the sample itself comes first, undrawn
        return Of(groups.Count, drawn =>
        {
            double sum = 0;
            foreach (int g in drawn)
            {
                double[] group = groups[g];
                double within = 0;
                for (int i = 0; i < group.Length; i++)
                    within += group[first ? i : (int)(CounterRandom.Uniform(seed, counter++) * group.Length)];
                sum += within / group.Length;
            }
            first = false;
            return sum / drawn.Length;
        });
    }

    /// <summary>Accuracy over all questions (micro average), passages drawn whole with their questions.</summary>
    public Interval Micro(IReadOnlyList<Tally> passages) => Of(passages.Count, drawn =>
    {
        long correct = 0, asked = 0;
        foreach (int i in drawn)
        {
            correct += passages[i].Correct;
            asked += passages[i].Asked;
        }
        return asked == 0 ? 0 : (double)correct / asked;
    });

    /// <summary>The interval of any statistic over <paramref name="units"/> exchangeable units.</summary>
    public Interval Of(int units, Statistic statistic)
    {
        if (units < 1)
            throw new SealException("A bootstrap interval needs at least one passage with questions; there is none.");
        ulong seed = CounterRandom.Derive(Seed, "bootstrap");
        int[] drawn = Enumerable.Range(0, units).ToArray();
        double estimate = statistic(drawn);
        double[] values = new double[Resamples];
        ulong counter = 0;
        for (int r = 0; r < Resamples; r++)
        {
            for (int i = 0; i < units; i++)
                drawn[i] = (int)(CounterRandom.Uniform(seed, counter++) * units);
            values[r] = statistic(drawn);
        }
        Array.Sort(values);
        double tail = (1 - Level) / 2;
        return new Interval(estimate, Sample.Quantile(values, tail), Sample.Quantile(values, 1 - tail));
    }
}
