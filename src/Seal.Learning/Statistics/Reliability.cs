namespace Seal.Learning.Statistics;

/// <summary>How much of the differences between a passage's candidates is real rather than the noise of repeating.</summary>
public static class Reliability
{
    /// <summary>
    /// 1 - (mean variance within a candidate / repeats) / (mean variance between a passage's candidates of their means over the repeats):
    /// the share of the ranking signal that would stand in another run. 1 is noise-free, 0 or less is nothing but noise.
    /// </summary>
    /// <param name="passages">Reward of every repeat: [passage][candidate][repeat], each candidate with the same number of repeats.</param>
    public static double Of(IReadOnlyList<IReadOnlyList<double[]>> passages)
    {
        var within = new List<double>();
        var between = new List<double>();
        int repeats = passages[0][0].Length;
        foreach (IReadOnlyList<double[]> candidates in passages)
        {
            foreach (double[] rewards in candidates)
            {
                if (rewards.Length != repeats)
                    throw new ArgumentException($"every candidate needs {repeats} repeats, one has {rewards.Length}", nameof(passages));
                within.Add(Sample.Variance(rewards));
            }
            between.Add(Sample.Variance(candidates.Select(r => Sample.Mean(r)).ToArray()));
        }
        return 1 - Sample.Mean(within.ToArray()) / repeats / Sample.Mean(between.ToArray());
    }
}
