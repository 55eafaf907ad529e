using System.Globalization;
using System.Text;
using Seal.Learning.Statistics;
using Seal.Models.Formats;

namespace Seal.Learning.FewShot;

/// <summary>One method over all tasks.</summary>
/// <param name="Success">Over trials: mean over tasks of the share of a task's trials that solve it, all its test inputs.</param>
/// <param name="Cells">Right cells of the first attempt.</param>
/// <param name="Trials">Trials in all, those that solved their task, and those whose self-edit was invalid.</param>
/// <param name="ByTask">The share of solving trials of each task.</param>
/// <param name="Tokens">Tokens trained on, a trial.</param>
public sealed record FewShotScore(string Name, Interval Success, Interval Cells, (int All, int Solved, int Invalid) Trials, IReadOnlyList<double> ByTask, double Tokens);

/// <summary>Success of several methods on the same tasks, with 95 % intervals that draw whole tasks: trials of one task are correlated.</summary>
public sealed record FewShotReport(IReadOnlyList<string> Tasks, IReadOnlyList<FewShotScore> Methods, IReadOnlyList<(string Name, string Against, Interval Success)> Differences)
{
    public static FewShotReport Of(IReadOnlyList<string> tasks, IReadOnlyList<Arm> methods)
    {
        var bootstrap = new Bootstrap();
        FewShotScore[] scores = [.. methods.Select(method =>
        {
            IReadOnlyList<Outcome> all = method.Outcomes;
            Outcome[][] ofTasks = [.. all.Chunk(all.Count / tasks.Count)];
            double[] byTask = [.. ofTasks.Select(outcomes => outcomes.Average(outcome => Solves(outcome) ? 1.0 : 0.0))];
            return new FewShotScore(
                method.Name, bootstrap.Mean(byTask), bootstrap.Mean([.. ofTasks.Select(outcomes => outcomes.Average(outcome => outcome.Exam.F1()))]),
                (all.Count, all.Count(Solves), all.Count(outcome => outcome.Invalid is not null)), byTask, all.Average(outcome => (double)outcome.Tokens));
        })];
        return new FewShotReport(tasks, scores, [.. Enumerable.Range(1, Math.Max(0, scores.Length - 1)).Select(i =>
            (scores[i].Name, scores[i - 1].Name, bootstrap.PairedDifference(scores[i].ByTask, scores[i - 1].ByTask)))]);
    }

    /// <summary>A task counts when all its test inputs are right.</summary>
    public static bool Solves(Outcome outcome) => outcome.Exam.Answers.Count > 0 && outcome.Exam.Answers.All(answer => answer.Correct);

    public static IReadOnlyList<string> Columns { get; } = ["method", "success %", "right cells %", "solved trials", "invalid", "tokens/trial"];

    public IReadOnlyList<string[]> Rows() => [.. Methods.Select(method => new[]
    {
        method.Name,
        Percent(method.Success, "0.0"),
        Percent(method.Cells, "0.0"),
        string.Create(CultureInfo.InvariantCulture, $"{method.Trials.Solved} of {method.Trials.All}"),
        method.Trials.Invalid.ToString(CultureInfo.InvariantCulture),
        method.Tokens.ToString("F0", CultureInfo.InvariantCulture),
    })];

    public static IReadOnlyList<string> DifferenceColumns { get; } = ["difference", "success, points", "excludes 0"];

    public IReadOnlyList<string[]> DifferenceRows() => [.. Differences.Select(difference => new[]
    {
        $"{difference.Name} − {difference.Against}", Percent(difference.Success, "+0.0;−0.0;0.0"), difference.Success.ExcludesZero ? "yes" : "no",
    })];

    public string Legend => $"{Tasks.Count} tasks. Success: all test inputs of the task right, within two attempts; mean over tasks of the share of its trials, with 95 % bootstrap intervals over tasks.";

    /// <param name="facts">What was compared: name and value.</param>
    /// <param name="settings">The settings as JSON.</param>
    public string Markdown(IReadOnlyList<(string Name, string Value)> facts, string settings)
    {
        var text = new StringBuilder("# Evaluation on tasks\n\n").Append(Legend).Append("\n\n");
        Table(text, Columns, Rows());
        if (Differences.Count > 0)
        {
            text.Append("\nPaired differences, each to the method before it:\n\n");
            Table(text, DifferenceColumns, DifferenceRows());
        }
        text.Append("\nShare of trials that solve a task:\n\n");
        Table(text, ["task", .. Methods.Select(method => method.Name)], [.. Tasks.Select((task, t) => (string[])[task, .. Methods.Select(method => method.ByTask[t].ToString("P0", CultureInfo.InvariantCulture))])]);
        text.Append("\n## What was compared\n\n");
        Table(text, ["", ""], [.. facts.Select(fact => new[] { fact.Name, $"`{fact.Value}`" })]);
        return text.Append("\n## Settings\n\n```json\n").Append(settings.TrimEnd()).Append("\n```\n").ToString();
    }

    /// <summary>Writes a report whole or not at all.</summary>
    public static void Write(string path, string markdown) => AtomicFile.WriteText(path, markdown);

    private static void Table(StringBuilder text, IReadOnlyList<string> columns, IReadOnlyList<string[]> rows)
    {
        text.Append("| ").AppendJoin(" | ", columns).Append(" |\n|").AppendJoin('|', columns.Select(_ => "---")).Append("|\n");
        foreach (string[] row in rows)
            text.Append("| ").AppendJoin(" | ", row.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal))).Append(" |\n");
    }

    private static string Percent(Interval value, string format)
    {
        string Number(double x) => (100 * x).ToString(format, CultureInfo.InvariantCulture);
        return $"{Number(value.Estimate)} [{Number(value.Low)}, {Number(value.High)}]";
    }
}
