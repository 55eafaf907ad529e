using System.CommandLine;
using Seal.Cli.Options;
using Seal.Kernels;
using Seal.Learning;
using Seal.Learning.Journal;
using Spectre.Console;

namespace Seal.Cli.Commands;

/// <summary>Trains and examines a run's self-edits once more, on another backend say, and compares the rewards.</summary>
internal static class ReplayCommand
{
    public static Command Create(Terminal terminal)
    {
        var run = new Argument<string>("RUN") { Description = "The folder of a run of `seal train`, finished or not; it is only read" };
        var seeds = new Option<int>("--seeds") { Description = "Seeds of the inner loop for each self-edit, the run's own first: how far the seed alone moves a reward", HelpName = "N", DefaultValueFactory = _ => 1 };
        var round = new Option<int?>("--round") { Description = "This round alone (default: all that the run came to)", HelpName = "R" };
        var limit = new Option<double>("--limit") { Description = "Largest difference of a reward that passes", HelpName = "NATS", DefaultValueFactory = _ => 2e-2 };
        var output = new Option<string?>("--out") { Description = "Folder of the replay's own journal and report.md; the same line again continues", HelpName = "FOLDER" };
        var json = new Option<bool>("--json") { Description = "Print one JSON object" };
        var command = new TaughtCommand(
            "replay",
            "Learn a run's self-edits once more, on another backend say, and compare the rewards: exit code 1 if one differs by more than the limit, or if a winner changed that was further ahead than the seeds' spread",
            new("whether the native backend gives a libtorch run's rewards", "seal replay runs/first --backend native --dtype f32 --seeds 3 --out runs/first-native"),
            new("whether a run can be repeated to the bit: its own backend, no difference allowed", "seal replay runs/first --round 1 --limit 0"))
        { run, seeds, round, limit, output, json };
        var backend = new BackendOptions(command, validates: false, defaults: "the run's own");
        var judge = new JudgeOptions(command);
        command.SetAction(line =>
        {
            RecordedRun recorded = RecordedRun.Read(line.GetRequiredValue(run));
            string? folder = line.GetValue(output);
            RequireApart(recorded.Folder, folder);
            using Operators operators = BackendOptions.Open(
                line.GetValue(backend.Backend) ?? recorded.Settings.Backend, backend.ParseType(line) ?? recorded.Settings.DType, terminal);
            using RunJournal journal = folder is null ? RunJournal.InMemory() : RunJournal.Open(folder);
            if (folder is not null)
                terminal.KeepsWork();
            ReplayReport report = terminal.Watch(meter => new Replay(recorded, operators, judge.Open(line), journal)
            {
                Seeds = line.GetValue(seeds),
                Round = line.GetValue(round),
                Limit = line.GetValue(limit),
                Progress = step => meter.Report($"round {step.Round} {step.Phase}", step.Done, step.Total, step.Detail),
            }.Run(terminal.Cancel));
            string? path = folder is null ? null : Path.Combine(folder, "report.md");
            if (path is not null)
                ReplayText.Write(path, report);
            if (line.GetValue(json))
                terminal.Json(report);
            else
                Print(terminal, report, path);
            return report.Passed ? ExitCode.Success : ExitCode.Failure;
        });
        return command;
    }

    private static void RequireApart(string run, string? output)
    {
        if (output is not null && Path.GetRelativePath(run, output) is var within && !Path.IsPathRooted(within) && !within.StartsWith("..", StringComparison.Ordinal))
            throw new SealException($"--out {output}: lies in the run that is replayed, which is never written; name another folder");
    }

    private static void Print(Terminal terminal, ReplayReport report, string? path)
    {
        terminal.Out.WriteLine(ReplayText.Legend(report));
        terminal.Write(TableOf(ReplayText.RewardColumns, ReplayText.RewardRows(report)));
        terminal.Write(TableOf(ReplayText.WinnerColumns, ReplayText.WinnerRows(report)));
        terminal.Out.WriteLine(ReplayText.Verdict(report));
        if (path is not null)
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
