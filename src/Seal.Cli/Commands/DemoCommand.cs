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
    /// <param name="Take">Tasks that the outer loop learns from.</param>
    /// <param name="Candidates">Self-edits a task and round.</param>
    /// <param name="Evaluate">Tasks that the policies are measured on.</param>
    /// <param name="Seeds">Runs.</param>
    private sealed record Scale(int Take, int Candidates, int Evaluate, int Seeds);

    private static readonly (Scale Quick, Scale Full) s_passages = (new(24, 8, 40, 1), new(48, 8, 40, 5)), s_grids = (new(10, 6, 12, 1), new(16, 8, 24, 5));

    public static Command Create(Terminal terminal)
    {
        var full = new Option<bool>("--full") { Description = "The table of the README: more of everything, over five seeds" };
        var seeds = new Option<int?>("--seeds") { Description = "Runs with seeds of their own", HelpName = "N" };
        var model = new Option<string?>("--model") { Description = "Another model: a Hugging Face folder or a .gguf file", HelpName = "PATH" };
        var data = new Option<string?>("--passages", "--data") { Description = "Other passages to learn from: a JSON list of {title, context, questions}", HelpName = "FILE" };
        var evaluation = new Option<string?>("--evaluation") { Description = "Other passages or tasks to measure policies on; needed with --data and --tasks", HelpName = "FILE" };
        var take = new Option<int?>("--take") { Description = "Passages or tasks that the outer loop learns from", HelpName = "N" };
        var candidates = new Option<int?>("--candidates") { Description = "Self-edits a passage or task and round", HelpName = "K" };
        var rounds = new Option<int?>("--rounds") { Description = "Outer rounds (default 2)", HelpName = "N" };
        var evaluate = new Option<int?>("--evaluate") { Description = "Passages or tasks that the policies are measured on", HelpName = "N" };
        var output = new Option<string?>("--out") { Description = "Folder; the same line again continues (default runs/demo-TIME)", HelpName = "FOLDER" };
        var json = new Option<bool>("--json") { Description = "Print one JSON object" };
        var command = new TaughtCommand("demo", "See SEAL work, in minutes: an embedded model reads an invented world, writes its own notes, learns them, and writes better ones",
            new("watch it", "seal demo"),
            new("the second domain: it chooses how to learn a puzzle", "seal demo --domain few-shot"),
            new("the whole table, which takes a while", "seal demo --full --out runs/table"));
        var domain = new DomainOptions(command);
        foreach (Option option in (Option[])[model, data, evaluation, full, seeds, take, candidates, rounds, evaluate, output, json])
            command.Add(option);
        var settingsOptions = new SettingsOptions(command, domain);
        command.SetAction(line =>
        {
            Scale scale = Scaled(domain.IsFewShot(line), line.GetValue(full));
            RunSettings settings = settingsOptions.Read(line, settings => (settings with
            {
                Model = line.GetValue(model) ?? settings.Model,
                Passages = line.GetValue(data) ?? settings.Passages,
                Take = line.GetValue(take) ?? scale.Take,
                Candidates = line.GetValue(candidates) ?? scale.Candidates,
                Rounds = line.GetValue(rounds) ?? settings.Rounds,
            }).OrEmbedded());
            string folder = line.GetValue(output) ?? $"runs/demo-{DateTime.UtcNow.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture)}";
            int count = line.GetValue(evaluate) ?? scale.Evaluate, runs = line.GetValue(seeds) ?? scale.Seeds;
            string asked = line.GetValue(evaluation) ?? World.EvaluationOf(settings.Source)
                ?? throw new SealException($"{settings.Source} is what to learn from; --evaluation has to say what the policies are measured on");
            using Operators operators = settingsOptions.Open(line, settings, terminal);
            terminal.KeepsWork(line.GetValue(output) is null ? $"--out {folder}" : "");
            Demonstrated[] results = terminal.Watch(meter => Enumerable.Range(0, runs).Select(i =>
            {
                RunSettings own = settings with { Seed = settings.Seed + (ulong)i };
                own = World.WithSeed(own.Source, own.Seed) is var seeded && seeded != own.Source ? own.About(seeded) : own;
                return new Demonstration(own, World.WithSeed(asked, own.Seed), count, Path.Combine(folder, $"seed-{own.Seed}"), operators, new LocalJudge())
                {
                    Progress = (arm, step) => meter.Report(arm.Length > 0 ? arm : $"seed {own.Seed} round {step.Round} {step.Phase}", step.Done, step.Total, step.Detail),
                }.Run(terminal.Cancel);
            }).ToArray());
            var table = DemonstrationTable.Of(results);
            IDomain shown = Domains.Of(settings, new LocalJudge());
            IReadOnlyList<StoryPart> told = shown.Tell(results[0]);
            string page = Path.Combine(folder, "report.html");
            HtmlReport.Write(page, DemonstrationCharts.In(RunStory.Read(Path.Combine(folder, $"seed-{settings.Seed}")), table, shown.Words, told));
            if (line.GetValue(json))
                terminal.Json(new { Run = folder, Report = page, Table = table, Settings = settings });
            else
            {
                StoryDrawing.Write(terminal, told);
                terminal.Out.Write($"{table.Markdown()}\nReport: {page}\n");
            }
        });
        return command;
    }

    private static Scale Scaled(bool fewShot, bool full)
    {
        (Scale quick, Scale whole) = fewShot ? s_grids : s_passages;
        return full ? whole : quick;
    }
}
