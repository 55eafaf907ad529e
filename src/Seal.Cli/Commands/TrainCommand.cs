using System.CommandLine;
using System.Globalization;
using Seal.Cli.Options;
using Seal.Kernels;
using Seal.Learning;
using Seal.Learning.Knowledge;
using Seal.Learning.Worlds;
using Spectre.Console;

namespace Seal.Cli.Commands;

/// <summary>The outer loop: reinforces the self-edits that helped.</summary>
internal static class TrainCommand
{
    /// <summary>A round in a few numbers; rewards are means over passages.</summary>
    private sealed record RoundSummary(int Round, double NoUpdateAccuracy, double PassageOnlyReward, double MeanReward, double BestReward, int Kept, int Candidates);

    public static Command Create(Terminal terminal)
    {
        var model = new Option<string?>("--model") { Description = "A Hugging Face folder (config.json, model.safetensors) or a .gguf file; left out: the embedded model", HelpName = "PATH" };
        var passages = new Option<string?>("--passages", "--data") { Description = "A JSON list of {title, context, questions: [{question, answer}]}; left out together with --model: the embedded world's", HelpName = "FILE" };
        var take = new Option<int?>("--take") { Description = "The first so many passages; 0 = all (default)", HelpName = "N" };
        var rounds = new Option<int?>("--rounds") { Description = "Outer rounds (default 2)", HelpName = "N" };
        var candidates = new Option<int?>("--candidates") { Description = "Self-edits a passage and round (default 5)", HelpName = "K" };
        var output = new Option<string>("--out") { Description = "Run folder: settings, journal, adapters, policy, report; the same line again continues", HelpName = "FOLDER", Required = true };
        var json = new Option<bool>("--json") { Description = "Print one JSON object" };
        var command = new TaughtCommand("train", "The outer loop (ReST-EM): sample self-edits, learn each, examine, reinforce those that helped",
            new("two rounds on six passages", "seal train --model SmolLM2-135M-Instruct.Q4_1.gguf --passages rl_train_100.json --take 6 --candidates 3 --rounds 2 --out runs/first"),
            new("continue a run that was interrupted: the same line again", "seal train --model SmolLM2-135M-Instruct.Q4_1.gguf --passages rl_train_100.json --take 6 --candidates 3 --rounds 2 --out runs/first"),
            new("the published prompts, rules and settings, but fewer epochs", "seal train --compat --set trial.inner.epochs=5 --model M --passages rl_train_100.json --out runs/compat"),
            new("few-shot learning on ARC tasks: the model chooses how each is learned", "seal train --domain few-shot --model M --tasks training_challenges.json --solutions training_solutions.json --out runs/arc"),
            new("let the policy of round 2 speak", "seal generate --model M --adapter runs/first/policy/round-1 --adapter runs/first/policy/round-2 --chat \"...\""));
        var domain = new DomainOptions(command);
        foreach (Option option in (Option[])[model, passages, take, rounds, candidates, output, json])
            command.Add(option);
        var settingsOptions = new SettingsOptions(command, domain);
        var judge = new JudgeOptions(command);
        command.SetAction(line =>
        {
            RunSettings settings = settingsOptions.Read(line, settings => (settings with
            {
                Model = line.GetValue(model) ?? settings.Model,
                Passages = line.GetValue(passages) ?? settings.Passages,
                Take = line.GetValue(take) ?? settings.Take,
                Rounds = line.GetValue(rounds) ?? settings.Rounds,
                Candidates = line.GetValue(candidates) ?? settings.Candidates,
            }).OrEmbedded());
            string folder = line.GetRequiredValue(output);
            if (settings.Model == Bottle.Passages.Model)
                terminal.Note($"no --model: the embedded one reads {settings.Passages}, passages about things that do not exist");
            if (settings.Model == Bottle.Grids.Model)
                terminal.Note($"no --model: the embedded one solves {settings.FewShot!.Tasks}, puzzles made by a grammar");
            using Operators operators = settingsOptions.Open(line, settings, terminal);
            terminal.KeepsWork();
            RunReport report = terminal.Watch(meter => new RestEm(settings, folder, operators, judge.Open(line))
            {
                Progress = step => meter.Report($"round {step.Round} {step.Phase}", step.Done, step.Total, step.Detail),
            }.Run(terminal.Cancel));
            terminal.Note(string.Create(CultureInfo.InvariantCulture, $"peak memory {PeakMemory.Megabytes:F0} MB"));
            RoundSummary[] summaries = [.. report.Rounds.Select(Summarise)];
            string path = Path.Combine(folder, "report.md");
            if (line.GetValue(json))
                terminal.Json(new { Run = folder, Report = path, Rounds = summaries, report.Numerics, Settings = settings });
            else
                Print(terminal, summaries, settings, path);
        });
        return command;
    }

    private static RoundSummary Summarise(RoundReport round) => new(
        round.Round,
        round.Tasks.Average(task => task.NoUpdate.Exam.Accuracy()),
        round.Tasks.Average(task => task.BaselineReward),
        round.Tasks.Average(task => task.Candidates.Average(candidate => candidate.Reward)),
        round.Tasks.Average(task => task.Candidates.Max(candidate => candidate.Reward)),
        round.Tasks.Sum(task => task.Candidates.Count(candidate => candidate.Kept)),
        round.Tasks.Sum(task => task.Candidates.Count));

    private static void Print(Terminal terminal, RoundSummary[] rounds, RunSettings settings, string path)
    {
        DomainWords words = Domains.Words(settings);
        terminal.Out.WriteLine($"Rewards ({settings.Selection.Reward.ToString().ToLowerInvariant()}) are means over {words.Task.Many}.");
        var table = new Table().AddColumns("round", $"no update, {words.Accuracy.Hard}", words.Baseline, "self-edits, mean", "self-edits, best", "reinforced");
        foreach (RoundSummary round in rounds)
            table.AddRow(
                round.Round.ToString(CultureInfo.InvariantCulture),
                round.NoUpdateAccuracy.ToString("P1", CultureInfo.InvariantCulture),
                round.PassageOnlyReward.ToString("F3", CultureInfo.InvariantCulture),
                round.MeanReward.ToString("F3", CultureInfo.InvariantCulture),
                round.BestReward.ToString("F3", CultureInfo.InvariantCulture),
                $"{round.Kept} of {round.Candidates}");
        terminal.Write(table);
        terminal.Out.WriteLine($"Report: {path}");
    }
}
