using Seal.Cli.Options;
using Seal.Kernels;
using Seal.Learning;
using Seal.Learning.FewShot;
using Seal.Learning.Journal;
using Seal.Learning.Knowledge;
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
        List<Arm> methods = terminal.Watch(meter => Compare(tasks, adapters, baselines, oracle, journal, meter));
        FewShotReport report = FewShotReport.Of([.. tasks.Select(task => task.Title)], methods);
        string path = Path.Combine(folder, "report.md");
        FewShotReport.Write(path, report.Markdown(
            [
                ("model", settings.Model), .. adapters.Select(adapter => ("policy, merged", adapter)), ("tasks", settings.FewShot!.Tasks),
                ("computed by", $"{operators.Numerics}, {operators.Activation.ToString().ToLowerInvariant()}"),
            ],
            SettingsText.Write(settings)));
        foreach (Arm method in methods)
            Submit(method, tasks);
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

    /// <summary>Each task's first trial as ARC's scoring reads it, and every trial's verdicts.</summary>
    private void Submit(Arm method, IReadOnlyList<ITask> tasks)
    {
        string name = method.Name.Replace(' ', '-');
        Outcome[][] ofTasks = [.. method.Outcomes.Chunk(method.Outcomes.Count / tasks.Count)];
        SubmissionFile.Write(Path.Combine(folder, $"submission-{name}.json"), tasks.Zip(ofTasks, (task, outcomes) =>
            (task.Title, (IReadOnlyList<Attempts>)[.. outcomes[0].Exam.Answers.Select(answer => Attempts.Read(answer.Answer))])));
        SubmissionFile.WriteVerdicts(Path.Combine(folder, $"verdicts-{name}.json"), Enumerable.Range(0, ofTasks[0].Length).Select(k =>
            (IReadOnlyList<(string, bool)>)[.. tasks.Zip(ofTasks, (task, outcomes) => (task.Title, FewShotReport.Solves(outcomes[k])))]));
    }

    private List<Arm> Compare(IReadOnlyList<ITask> tasks, IReadOnlyList<string> adapters, bool baselines, bool oracle, RunJournal journal, Meter meter)
    {
        var domain = new FewShotDomain(settings);
        var measured = new Measurement(settings, tasks, settings.Candidates, journal, new LocalJudge(), terminal.Cancel)
        {
            Progress = (name, step) => meter.Report(name, step.Done, step.Total, step.Detail),
        };
        var methods = new List<Arm>();
        using (LanguageModel bare = ModelOptions.Open(settings.Model, [], operators))
        {
            methods.Add(domain.InContext(measured, bare));
            if (baselines)
                methods.Add(domain.FixedConfiguration(measured, bare));
            methods.Add(measured.SelfEdits(bare, bare, "untrained self-edits", 0));
            if (adapters.Count > 0)
            {
                using LanguageModel policy = ModelOptions.Open(settings.Model, adapters, operators);
                methods.Add(measured.SelfEdits(policy, bare, "trained self-edits", 0));
            }
            if (oracle)
                methods.Add(domain.Oracle(measured, bare));
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
