using System.Globalization;
using System.Text;
using Seal.Learning.Statistics;

namespace Seal.Learning;

/// <summary>A run as Markdown: what each round's self-edits earned beside the baselines, with intervals over passages.</summary>
public static class RunReportText
{
    public static string Write(RunReport report)
    {
        RunSettings s = report.Settings;
        var text = new StringBuilder();
        DomainWords words = Domains.Words(s);
        text.Line($"# ReST-EM on {Path.GetFileName(words.Source)}");
        text.Line();
        text.Line($"Model `{Path.GetFileName(s.Model)}`, backend {s.Backend} in {s.DType} ({report.Numerics}), seed {s.Seed}.");
        text.Line($"{report.Rounds[0].Tasks.Count} {words.Task.Many}, {s.Candidates} self-edits a {words.Task.One}{words.SelfEdits}, reward: {Describe(s.Selection, words)}.");
        text.Line();
        foreach (string line in words.Legend)
            text.Line(line);
        text.Line();
        text.Line($"| round | what | {words.Accuracy.Hard} % | {words.Accuracy.Soft} % | dense gain | tokens trained |");
        text.Line($"|---|---|---|---|---|---|");
        foreach (RoundReport round in report.Rounds)
            foreach ((string name, Func<TaskRound, IEnumerable<Outcome>> of) in Rows(words))
                text.Line(Row(round, name, of, s.Selection.Floor));
        foreach (RoundReport round in report.Rounds)
            Tasks(text, round, words);
        return text.ToString();
    }

    private static (string, Func<TaskRound, IEnumerable<Outcome>>)[] Rows(DomainWords words) =>
    [
        ("no update", task => [task.NoUpdate]),
        (words.Baseline, task => [task.Baseline]),
        ("self-edits, mean", task => task.Candidates.Select(candidate => candidate.Outcome)),
        ("self-edits, best by reward", task => [task.Candidates.MaxBy(candidate => candidate.Reward)!.Outcome]),
    ];

    private static string Describe(SelectionSettings selection, DomainWords words) =>
        $"{selection.Reward.ToString().ToLowerInvariant()}, best {selection.Best} of each {words.Task.One}{(selection.AboveBaseline ? $" if above {words.Baseline}" : "")}{(selection.AtLeast is { } least ? string.Create(CultureInfo.InvariantCulture, $" if at least {least}") : "")}";

    private static string Row(RoundReport round, string name, Func<TaskRound, IEnumerable<Outcome>> of, double floor)
    {
        string Mean(Func<TaskRound, Outcome, double> value, double unit, string format)
        {
            Interval interval = new Bootstrap().Mean([.. round.Tasks.Select(task => unit * of(task).Average(outcome => value(task, outcome)))]);
            return string.Create(CultureInfo.InvariantCulture, $"{Number(interval.Estimate)} [{Number(interval.Low)}, {Number(interval.High)}]");

            string Number(double x) => x.ToString(format, CultureInfo.InvariantCulture);
        }
        double tokens = round.Tasks.Sum(task => of(task).Sum(outcome => (double)outcome.Tokens));
        return string.Create(CultureInfo.InvariantCulture,
            $"| {round.Round} | {name} | {Mean((_, o) => o.Exam.Accuracy(), 100, "F1")} | {Mean((_, o) => o.Exam.F1(), 100, "F1")} | {Mean((p, o) => DenseReward.Gain(p.NoUpdate.Exam, o.Exam, floor), 1, "F3")} | {tokens:F0} |");
    }

    private static void Tasks(StringBuilder text, RoundReport round, DomainWords words)
    {
        text.Line();
        text.Line($"## Round {round.Round}");
        text.Line();
        text.Line($"Policy `{round.PolicyDigest[..12]}`. " + (round.Policy is { } policy
            ? string.Create(CultureInfo.InvariantCulture, $"{round.Tasks.Sum(t => t.Candidates.Count(c => c.Kept))} self-edits reinforced in {policy.Losses.Count} steps, loss {policy.Losses[0]:F3} to {policy.Losses[^1]:F3}.")
            : "No self-edit was worth reinforcing: the policy stays."));
        if (round.Tasks.Sum(t => t.Candidates.Count(c => c.Outcome.Invalid is not null)) is > 0 and int invalid)
            text.Line(string.Create(CultureInfo.InvariantCulture, $"{invalid} self-edits were invalid: nothing was trained, their answers are the bare model's."));
        text.Line();
        text.Line($"| {words.Task.One} | {words.Baseline} | rewards of the self-edits (**kept**) |");
        text.Line("|---|---|---|");
        foreach (TaskRound task in round.Tasks)
        {
            IEnumerable<string> rewards = task.Candidates.Select(candidate =>
                candidate.Reward.ToString(candidate.Kept ? "'**'0.000'**';'**'-0.000'**'" : "0.000", CultureInfo.InvariantCulture));
            text.Line(string.Create(CultureInfo.InvariantCulture,
                $"| {Cell(task.Task.Title)} | {task.BaselineReward:F3} | {string.Join(", ", rewards)} |"));
        }
    }

    private static string Cell(string text) => text.ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal);

    private static void Line(this StringBuilder text, string line = "") => text.Append(line).Append('\n');
}
