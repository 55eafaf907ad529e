using System.Globalization;
using System.Text;
using Seal.Learning.Knowledge;
using Seal.Learning.Statistics;

namespace Seal.Learning;

/// <summary>A run as Markdown: what each round's self-edits earned beside the baselines, with intervals over passages.</summary>
public static class RunReportText
{
    public static string Write(RunReport report)
    {
        RunSettings s = report.Settings;
        var text = new StringBuilder();
        text.Line($"# ReST-EM on {Path.GetFileName(s.Passages)}");
        text.Line();
        text.Line($"Model `{Path.GetFileName(s.Model)}`, backend {s.Backend} in {s.DType} ({report.Numerics}), seed {s.Seed}.");
        text.Line($"{report.Rounds[0].Passages.Count} passages, {s.Candidates} self-edits a passage (prompt `{s.SelfEdit.Prompt}`), reward: {Describe(s.Selection)}.");
        text.Line();
        text.Line("Accuracy: share of answers the judge accepts. Dense: gain in bounded log-likelihood of the gold answers over no update, nats a token.");
        text.Line("Mean over passages, with 95 % bootstrap intervals; no passage is in view when its questions are asked.");
        text.Line();
        text.Line($"| round | what | accuracy % | F1 % | dense gain | tokens trained |");
        text.Line($"|---|---|---|---|---|---|");
        foreach (RoundReport round in report.Rounds)
            foreach ((string name, Func<PassageRound, IEnumerable<Outcome>> of) in Rows)
                text.Line(Row(round, name, of, s.Selection.Floor));
        foreach (RoundReport round in report.Rounds)
            Passages(text, round);
        return text.ToString();
    }

    private static readonly (string, Func<PassageRound, IEnumerable<Outcome>>)[] Rows =
    [
        ("no update", passage => [passage.NoUpdate]),
        ("passage only", passage => [passage.PassageOnly]),
        ("self-edits, mean", passage => passage.Candidates.Select(candidate => candidate.Outcome)),
        ("self-edits, best by reward", passage => [passage.Candidates.MaxBy(candidate => candidate.Reward)!.Outcome]),
    ];

    private static string Describe(SelectionSettings selection) =>
        $"{selection.Reward.ToString().ToLowerInvariant()}, best {selection.Best} of each passage{(selection.AboveBaseline ? " if above passage only" : "")}";

    private static string Row(RoundReport round, string name, Func<PassageRound, IEnumerable<Outcome>> of, double floor)
    {
        string Mean(Func<PassageRound, Outcome, double> value, double unit, string format)
        {
            Interval interval = new Bootstrap().Mean([.. round.Passages.Select(passage => unit * of(passage).Average(outcome => value(passage, outcome)))]);
            return string.Create(CultureInfo.InvariantCulture, $"{Number(interval.Estimate)} [{Number(interval.Low)}, {Number(interval.High)}]");

            string Number(double x) => x.ToString(format, CultureInfo.InvariantCulture);
        }
        double tokens = round.Passages.Sum(passage => of(passage).Sum(outcome => (double)outcome.Tokens));
        return string.Create(CultureInfo.InvariantCulture,
            $"| {round.Round} | {name} | {Mean((_, o) => o.Exam.Accuracy(), 100, "F1")} | {Mean((_, o) => o.Exam.F1(), 100, "F1")} | {Mean((p, o) => DenseReward.Gain(p.NoUpdate.Exam, o.Exam, floor), 1, "F3")} | {tokens:F0} |");
    }

    private static void Passages(StringBuilder text, RoundReport round)
    {
        text.Line();
        text.Line($"## Round {round.Round}");
        text.Line();
        text.Line($"Policy `{round.PolicyDigest[..12]}`. " + (round.Policy is { } policy
            ? string.Create(CultureInfo.InvariantCulture, $"{round.Passages.Sum(p => p.Candidates.Count(c => c.Kept))} self-edits reinforced in {policy.Losses.Count} steps, loss {policy.Losses[0]:F3} to {policy.Losses[^1]:F3}.")
            : "No self-edit was worth reinforcing: the policy stays."));
        text.Line();
        text.Line("| passage | passage only | rewards of the self-edits (**kept**) |");
        text.Line("|---|---|---|");
        foreach (PassageRound passage in round.Passages)
        {
            IEnumerable<string> rewards = passage.Candidates.Select(candidate =>
                candidate.Reward.ToString(candidate.Kept ? "'**'0.000'**';'**'-0.000'**'" : "0.000", CultureInfo.InvariantCulture));
            text.Line(string.Create(CultureInfo.InvariantCulture,
                $"| {Cell(passage.Passage.Title)} | {passage.PassageOnlyReward:F3} | {string.Join(", ", rewards)} |"));
        }
    }

    private static string Cell(string text) => text.ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal);

    private static void Line(this StringBuilder text, string line = "") => text.Append(line).Append('\n');
}
