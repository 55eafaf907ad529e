using Seal.Cli.Options;
using Seal.Kernels;
using Seal.Learning;
using Seal.Learning.FewShot;
using Seal.Learning.Journal;
using Seal.Models;
using Spectre.Console;

namespace Seal.Cli.Commands;

/// <summary>`seal evaluate` on ARC tasks: ways to solve them side by side, with their submissions.</summary>
internal sealed class FewShotEvaluation(Terminal terminal, RunSettings settings, string folder, Operators operators)
{
    /// <param name="adapters">A policy's, merged in order: its self-edits are compared with those of the model without it.</param>
    /// <param name="hint">What to add to the same line to continue.</param>
    public void Run(IReadOnlyList<string> adapters, bool baselines, bool oracle, bool json, string hint)
    {
        if (oracle && settings.FewShot!.Oracle.Count == 0)
            throw new SealException("--oracle: few_shot.oracle is empty; expected configurations to choose among");
        IReadOnlyList<ITask> tasks = new FewShotDomain(settings).Tasks();
        using RunJournal journal = RunJournal.Open(folder);
        terminal.KeepsWork(hint);
        List<TaskOutcomes> methods = terminal.Watch(meter => Compare(tasks, adapters, baselines, oracle, journal, meter));
        FewShotReport report = FewShotReport.Of([.. tasks.Select(task => task.Title)], methods);
        string path = Path.Combine(folder, "report.md");
        FewShotReport.Write(path, report.Markdown(
            [
                ("model", settings.Model), .. adapters.Select(adapter => ("policy, merged", adapter)), ("tasks", settings.FewShot!.Tasks),
                ("computed by", $"{operators.Numerics}, {operators.Activation.ToString().ToLowerInvariant()}"),
            ],
            SettingsText.Write(settings)));
        foreach (TaskOutcomes method in methods)
            SubmissionFile.Write(Path.Combine(folder, $"submission-{method.Name.Replace(' ', '-')}.json"), tasks.Zip(method.Tasks, (task, outcomes) =>
                (task.Title, (IReadOnlyList<Attempts>)[.. outcomes[0].Exam.Answers.Select(answer => Attempts.Read(answer.Answer))])));
        if (json)
            terminal.Json(new
            {
                report.Tasks,
                Methods = report.Methods.Select(method => new { method.Name, method.Success, method.Cells, Trials = method.Trials.All, method.Trials.Solved, method.Trials.Invalid, method.ByTask, method.Tokens }),
                Differences = report.Differences.Select(difference => new { difference.Name, difference.Against, difference.Success }),
                Run = folder,
                Settings = settings,
            });
        else
            Print(report, path);
    }

    private List<TaskOutcomes> Compare(IReadOnlyList<ITask> tasks, IReadOnlyList<string> adapters, bool baselines, bool oracle, RunJournal journal, Meter meter)
    {
        var throughput = new Throughput();
        var comparison = new FewShotComparison(settings, journal) { Progress = (name, done, total, tokens) => meter.Report(name, done, total, throughput.Of(tokens)) };
        var methods = new List<TaskOutcomes>();
        using (LanguageModel bare = ModelOptions.Open(settings.Model, [], operators))
        {
            methods.Add(comparison.InContext(bare, tasks, terminal.Cancel));
            if (baselines)
                methods.Add(comparison.FixedConfiguration(bare, tasks, terminal.Cancel));
            methods.Add(comparison.SelfEdits("untrained self-edits", bare, tasks, terminal.Cancel));
            if (adapters.Count > 0)
            {
                using LanguageModel policy = ModelOptions.Open(settings.Model, adapters, operators);
                methods.Add(comparison.SelfEdits("trained self-edits", policy, tasks, terminal.Cancel));
            }
            if (oracle)
                methods.Add(comparison.Oracle(bare, tasks, terminal.Cancel));
        }
        return methods;
    }

    private void Print(FewShotReport report, string path)
    {
        terminal.Out.WriteLine(report.Legend);
        terminal.Write(TableOf(FewShotReport.Columns, report.Rows()));
        if (report.Differences.Count > 0)
            terminal.Write(TableOf(FewShotReport.DifferenceColumns, report.DifferenceRows()));
        terminal.Out.WriteLine($"Report: {path}");
    }

    private static Table TableOf(IReadOnlyList<string> columns, IReadOnlyList<string[]> rows)
    {
        Table table = new Table().AddColumns([.. columns]);
        foreach (string[] row in rows)
            table.AddRow([.. row.Select(Markup.Escape)]);
        return table;
    }
}
