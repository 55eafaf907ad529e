using System.CommandLine;
using System.Globalization;
using Seal.Cli.Options;
using Seal.Kernels;
using Seal.Learning;
using Seal.Learning.Knowledge;
using Seal.Learning.Report;
using Seal.Learning.Worlds;

namespace Seal.Cli.Commands;

/// <summary>Shows SEAL at work on the embedded model and world.</summary>
internal static class DemoCommand
{
    private const int QuickTake = 24, QuickCandidates = 8, QuickEvaluate = 40;
    private const int FullTake = 48, FullCandidates = 8, FullEvaluate = 40, FullSeeds = 5;

    public static Command Create(Terminal terminal)
    {
        var full = new Option<bool>("--full") { Description = $"The table of the README: {FullSeeds} seeds, {FullTake} passages of {FullCandidates} candidates, {FullEvaluate} evaluation passages" };
        var seeds = new Option<int?>("--seeds") { Description = "Runs with seeds of their own", HelpName = "N" };
        var model = new Option<string?>("--model") { Description = "Another model: a Hugging Face folder or a .gguf file", HelpName = "PATH" };
        var data = new Option<string?>("--passages", "--data") { Description = "Other passages to learn from: a JSON list of {title, context, questions}", HelpName = "FILE" };
        var evaluation = new Option<string?>("--evaluation") { Description = "Other passages to measure policies on; needed with --data", HelpName = "FILE" };
        var take = new Option<int?>("--take") { Description = "Passages that the outer loop learns from", HelpName = "N" };
        var candidates = new Option<int?>("--candidates") { Description = "Self-edits a passage and round", HelpName = "K" };
        var rounds = new Option<int?>("--rounds") { Description = "Outer rounds (default 2)", HelpName = "N" };
        var evaluate = new Option<int?>("--evaluate") { Description = "Passages that the policies are measured on", HelpName = "N" };
        var output = new Option<string?>("--out") { Description = "Folder; the same line again continues (default runs/demo-TIME)", HelpName = "FOLDER" };
        var json = new Option<bool>("--json") { Description = "Print one JSON object" };
        var command = new TaughtCommand("demo", "See SEAL work, in minutes: an embedded model reads an invented world, writes its own notes, learns them, and writes better ones",
            new("watch it", "seal demo"),
            new("the whole table, which takes a while", "seal demo --full --out runs/table"));
        foreach (Option option in (Option[])[model, data, evaluation, full, seeds, take, candidates, rounds, evaluate, output, json])
            command.Add(option);
        var settingsOptions = new SettingsOptions(command);
        command.SetAction(line =>
        {
            bool whole = line.GetValue(full);
            RunSettings settings = settingsOptions.Read(line, settings => settings with
            {
                Model = line.GetValue(model) ?? (settings.Model.Length > 0 ? settings.Model : Bottle.Model),
                Passages = line.GetValue(data) ?? (settings.Passages.Length > 0 ? settings.Passages : WorldPassages.Learning),
                Take = line.GetValue(take) ?? (whole ? FullTake : QuickTake),
                Candidates = line.GetValue(candidates) ?? (whole ? FullCandidates : QuickCandidates),
                Rounds = line.GetValue(rounds) ?? settings.Rounds,
            });
            string folder = line.GetValue(output) ?? $"runs/demo-{DateTime.UtcNow.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture)}";
            int count = line.GetValue(evaluate) ?? (whole ? FullEvaluate : QuickEvaluate), runs = line.GetValue(seeds) ?? (whole ? FullSeeds : 1);
            string asked = line.GetValue(evaluation) ?? (WorldPassages.Names(settings.Passages)
                ? WorldPassages.Evaluation
                : throw new SealException($"--data {settings.Passages} says what to learn from; --evaluation FILE has to say what the policies are measured on"));
            using Operators operators = settingsOptions.Open(line, settings, terminal);
            terminal.KeepsWork(line.GetValue(output) is null ? $"--out {folder}" : "");
            Demonstrated[] results = terminal.Watch(meter => Enumerable.Range(0, runs).Select(i =>
            {
                RunSettings own = settings with { Seed = settings.Seed + (ulong)i };
                own = own with { Passages = WorldPassages.WithSeed(own.Passages, own.Seed) };
                return new Demonstration(own, WorldPassages.WithSeed(asked, own.Seed), count, Path.Combine(folder, $"seed-{own.Seed}"), operators, new LocalJudge())
                {
                    Progress = (arm, step) => meter.Report(arm.Length > 0 ? arm : $"seed {own.Seed} round {step.Round} {step.Phase}", step.Done, step.Total, step.Detail),
                }.Run(terminal.Cancel);
            }).ToArray());
            var table = DemonstrationTable.Of(results);
            string page = Path.Combine(folder, "report.html");
            HtmlReport.Write(page, DemonstrationCharts.In(RunStory.Read(Path.Combine(folder, $"seed-{settings.Seed}")), table));
            if (line.GetValue(json))
                terminal.Json(new { Run = folder, Report = page, Table = table, Settings = settings });
            else
                terminal.Out.Write($"{DemonstrationStory.Text(results[0])}\n{table.Markdown()}\nReport: {page}\n");
        });
        return command;
    }
}
