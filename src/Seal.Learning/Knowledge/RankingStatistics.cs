using Seal.Learning.Statistics;
using static Seal.Learning.Statistics.Rounded;

namespace Seal.Learning.Knowledge;

/// <summary>
/// From verdicts to a run's statistics, as published: an inner loop's accuracy rounded to four decimals; means and sample standard
/// deviations over repeats, then over completions, then over articles (macro average); rounded again on output only.
/// </summary>
public static class RankingStatistics
{
    /// <summary>A completion's statistics from its question records.</summary>
    public static CompletionStats OfCompletion(IReadOnlyList<RankedQuestion> questions)
    {
        IGrouping<int, RankedQuestion>[] repeats = questions.GroupBy(q => q.Rep).ToArray();
        double[] before = repeats.Select(r => ToFourDecimals(Tally.Of(r.Select(q => q.BaselineCorrect)).Accuracy)).ToArray();
        double[] after = repeats.Select(r => ToFourDecimals(Tally.Of(r.Select(q => q.AdapterCorrect)).Accuracy)).ToArray();
        // The published server subtracts before it rounds, so a gain can differ from the difference in the last decimal.
        double[] gain = repeats.Select(r => ToFourDecimals(
            Tally.Of(r.Select(q => q.AdapterCorrect)).Accuracy - Tally.Of(r.Select(q => q.BaselineCorrect)).Accuracy)).ToArray();
        return new CompletionStats(Sample.Mean(before), Sample.Std(before), Sample.Mean(after), Sample.Std(after), Sample.Mean(gain));
    }

    /// <summary>An article's statistics, unrounded.</summary>
    public static ArticleStats OfArticle(IReadOnlyList<CompletionStats> completions)
    {
        double[] after = Values(completions, c => c.AdapterMean);
        return new ArticleStats(
            Sample.Mean(Values(completions, c => c.BaselineMean)),
            Sample.Mean(after),
            Sample.Std(after),
            Sample.Mean(Values(completions, c => c.AdapterStd ?? 0)),
            Sample.Mean(Values(completions, c => c.GainMean)));
    }

    /// <summary>A run's statistics from unrounded articles, rounded.</summary>
    public static RankingOverall OfRun(IReadOnlyList<ArticleStats> articles)
    {
        double[] before = Values(articles, a => a.BaselineAccuracy);
        double[] after = Values(articles, a => a.AdapterMeanAccuracy);
        return new RankingOverall(
            ToFourDecimals(Sample.Mean(before)),
            ToFourDecimals(Sample.Std(before)),
            ToFourDecimals(Sample.Mean(after)),
            ToFourDecimals(Sample.Std(after)),
            ToFourDecimals(Sample.Mean(Values(articles, a => a.AdapterStdOverCompletions ?? 0))),
            ToFourDecimals(Sample.Mean(Values(articles, a => a.MeanAdapterStdWithinCompletions ?? 0))),
            ToFourDecimals(Sample.Mean(Values(articles, a => a.MeanGain))));
    }

    /// <summary>The same run with every statistic computed anew from its question records, rounded as the published files are.</summary>
    public static RankingFile Recomputed(RankingFile run)
    {
        RankedArticle[] articles = run.Articles
            .Select(a => a with { Completions = a.Completions.Select(c => c with { Stats = OfCompletion(c.Questions) }).ToArray() })
            .Select(a => a with { Stats = OfArticle(a.Completions.Select(c => c.Stats).ToArray()) })
            .ToArray();
        return run with
        {
            Overall = OfRun(articles.Select(a => a.Stats).ToArray()),
            Articles = articles.Select(a => a with { Stats = Round(a.Stats) }).ToArray(),
        };
    }

    private static ArticleStats Round(ArticleStats stats) => new(
        ToFourDecimals(stats.BaselineAccuracy),
        ToFourDecimals(stats.AdapterMeanAccuracy),
        ToFourDecimals(stats.AdapterStdOverCompletions ?? 0),
        ToFourDecimals(stats.MeanAdapterStdWithinCompletions ?? 0),
        ToFourDecimals(stats.MeanGain));

    private static double[] Values<T>(IReadOnlyList<T> items, Func<T, double> value) => items.Select(value).ToArray();
}
