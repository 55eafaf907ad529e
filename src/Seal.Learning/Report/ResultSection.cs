using System.Globalization;
using System.Xml.Linq;
using Seal.Learning.Statistics;
using static Seal.Learning.Report.Markup;

namespace Seal.Learning.Report;

/// <summary>Charts beside their tables, the spread of the candidates, and the policy's updates.</summary>
internal static class ResultSection
{
    public static XElement Charts(RunStory story) => Tag("section", Set("id", "results"), Tag("h2", "Results"), story.Charts.Count == 0
        ? Tag("p", "No exam is done yet: there is nothing to compare.")
        : story.Charts.Select((chart, i) => Chart($"chart-{i + 1}", chart)));

    public static IEnumerable<XElement> Chart(string id, StoryChart chart)
    {
        yield return Tag("h3", chart.Title);
        yield return Styled("p", "note", chart.Note);
        (IReadOnlyList<string> columns, IEnumerable<string[]> rows) = ChartText.Table(chart);
        yield return Styled("div", "pair", BarChart.Draw(id, chart), DataTable.Draw(chart.Title, columns, ChartText.NumbersFrom, rows));
    }

    public static XElement Candidates(RunStory story)
    {
        StoryRound[] tried = [.. story.Rounds.Where(round => SpreadChart.Rewards(round).Count > 0)];
        if (tried.Length == 0)
            return Tag("section", Set("id", "candidates"), Tag("h2", "Self-edits, one by one"), Tag("p", "No self-edit has been learned and examined yet."));
        return Tag("section", Set("id", "candidates"), Tag("h2", "Self-edits, one by one"),
            Styled("p", "note", "○ a self-edit; ◆ one that is kept: the policy learns to write it; box: the middle half, with the median; dashed: the " + story.Words.Baseline + ", mean."),
            Styled("div", "pair",
                SpreadChart.Draw("spread", story.RewardUnit, tried),
                DataTable.Draw($"Rewards of single self-edits, {story.RewardUnit}",
                    ["round", "self-edits", "lowest", "quarter", "median", "three quarters", "highest", $"above the {story.Words.Baseline}", "kept"], 1, tried.Select(Quartiles))),
            Updates(story.Rounds),
            tried.Select(round => Passages(round, story.Words)));
    }

    private static object[] Quartiles(StoryRound round)
    {
        double[] ascending = [.. SpreadChart.Rewards(round).Order()];
        int above = round.Passages.Sum(passage => passage.Candidates.Count(candidate => candidate.Outcome?.Reward > passage.PassageOnly?.Reward));
        return
        [
            Figures.Whole(round.Number), Figures.Whole(ascending.Length),
            .. new[] { 0, 0.25, 0.5, 0.75, 1 }.Select(share => Figures.Nats(Sample.Quantile(ascending, share))),
            Figures.Whole(above), Figures.Whole(round.Reinforced),
        ];
    }

    private static XElement Updates(IReadOnlyList<StoryRound> rounds) => DataTable.Draw(
        "The policy's updates", ["round", "policy that wrote", "self-edits learned", "steps", "loss, first step", "loss, last step"], 2,
        rounds.Select(round => (IReadOnlyList<object>)(round.Update is { } update
            ? [Figures.Whole(round.Number), Short(round.Policy), Figures.Whole(update.Reinforced), Figures.Whole(update.Steps), Figures.Nats(update.FirstLoss), Figures.Nats(update.LastLoss)]
            : [Figures.Whole(round.Number), Short(round.Policy), round.Complete ? "none was worth it" : "not yet", "", "", ""])));

    private static XElement Passages(StoryRound round, DomainWords words) => Tag("details",
        Tag("summary", string.Create(CultureInfo.InvariantCulture, $"Round {round.Number}: rewards by {words.Task.One}")),
        DataTable.Draw(
            string.Create(CultureInfo.InvariantCulture, $"Round {round.Number}; ◆ kept"), [words.Task.One, words.Baseline, "self-edits"], 1,
            round.Passages.Select(passage => new object[]
            {
                passage.Title,
                passage.PassageOnly is { } alone ? Figures.Nats(alone.Reward) : "not yet",
                string.Join("  ", passage.Candidates.Select(candidate => (candidate.Kept ? "◆" : "") + (candidate.Outcome is { } outcome ? Figures.Nats(outcome.Reward) : "not yet"))),
            })));

    private static XElement Short(string digest) => Tag("code", digest[..Math.Min(12, digest.Length)]);
}
