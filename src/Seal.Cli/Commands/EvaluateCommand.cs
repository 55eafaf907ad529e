using System.CommandLine;
using System.Globalization;
using Seal.Cli.Options;
using Seal.Kernels;
using Seal.Learning;
using Seal.Learning.Journal;
using Seal.Learning.Knowledge;
using Seal.Models;
using Spectre.Console;

namespace Seal.Cli.Commands;

/// <summary>Compares ways to learn on the same passages and questions.</summary>
internal static class EvaluateCommand
{
    /// <summary>What of the command line determines the report, beside the settings.</summary>
    private sealed record Plan(RunSettings Settings, int Skip, string[] Adapters, IReadOnlyList<(string Name, string File)> SelfEdits, bool Baselines);

    public static Command Create(Terminal terminal)
    {
        var passages = new Option<string?>("--passages") { Description = "A JSON list of {title, context, questions: [{question, answer}]}", HelpName = "FILE" };
        var take = new Option<int?>("--take") { Description = "So many passages; 0 = all (default)", HelpName = "N" };
        var skip = new Option<int>("--skip") { Description = "Leave out the first so many", HelpName = "N" };
        var selfEdits = new Option<string[]>("--self-edits")
        {
            Description = "Self-edits to learn from: a file of passages with completions, of which each passage's first is taken; repeatable, compared in this order",
            HelpName = "NAME=FILE",
        };
        var noBaselines = new Option<bool>("--no-baselines") { Description = "Leave out 'passage only' ('no update' is always measured: gains are relative to it)" };
        var output = new Option<string?>("--out") { Description = "Run folder: journal and report; the same line again continues (default runs/evaluate-TIME)", HelpName = "FOLDER" };
        var oracle = new Option<bool>("--oracle") { Description = "few-shot: also the best of the configurations in few_shot.oracle for each task" };
        var json = new Option<bool>("--json") { Description = "Print one JSON object" };
        var command = new TaughtCommand("evaluate", "Compare ways to learn on a question set: no update, the passage alone, given self-edits, or an adapter",
            new("two authors' self-edits against the baselines", "seal evaluate --model M --passages eval_100.json --take 40 --self-edits base=base_val.json --self-edits gpt4.1=gpt4_1_val.json --out runs/paper"),
            new("what a trained adapter knows", "seal evaluate --model M --adapter out/apollo --passages apollo.json"),
            new("ARC tasks: in-context, a fixed configuration, untrained and trained self-edits, an oracle", "seal evaluate --domain few-shot --model M --adapter runs/arc/policy/round-1 --oracle --tasks training_challenges.json --solutions training_solutions.json --out runs/arc-eval"),
            new("one setting changed, graded by a model behind an endpoint", "seal evaluate --model M --passages squad_val.json --set trial.inner.epochs=8 --judge-endpoint http://localhost:8001/v1 --judge-model grader"));
        var model = new ModelOptions(command);
        var domain = new DomainOptions(command);
        foreach (Option option in (Option[])[passages, take, skip, selfEdits, noBaselines, oracle, output, json])
            command.Add(option);
        var settingsOptions = new SettingsOptions(command, domain);
        var judgeOptions = new JudgeOptions(command);
        command.SetAction(line =>
        {
            RunSettings settings = settingsOptions.Read(line, settings => settings with
            {
                Model = line.GetValue(model.Model) ?? settings.Model,
                Passages = line.GetValue(passages) ?? settings.Passages,
                Take = line.GetValue(take) ?? settings.Take,
            });
            string folder = line.GetValue(output) ?? $"runs/evaluate-{DateTime.UtcNow.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture)}";
            if (settings.FewShot is not null)
            {
                if ((line.GetResult(selfEdits) ?? line.GetResult(passages)) is not null || line.GetValue(skip) != 0)
                    throw new SealException("--passages, --skip and --self-edits are for passages; with --domain few-shot give --tasks, --solutions and --task");
                using Operators computing = settingsOptions.Open(line, settings, terminal);
                new FewShotEvaluation(terminal, settings, folder, computing).Run(
                    line.GetValue(model.Adapters) ?? [], baselines: !line.GetValue(noBaselines), line.GetValue(oracle), line.GetValue(json), line.GetValue(output) is null ? $"--out {folder}" : "");
                return;
            }
            var plan = new Plan(
                settings,
                line.GetValue(skip),
                line.GetValue(model.Adapters) ?? [],
                [.. (line.GetValue(selfEdits) ?? []).Select(Named)],
                !line.GetValue(noBaselines));
            IReadOnlyList<Passage> chosen = Choose(plan);
            List<Method> methods = Methods(plan, chosen);
            IJudge judge = judgeOptions.Open(line);
            using Operators operators = settingsOptions.Open(line, settings, terminal);
            using RunJournal journal = RunJournal.Open(folder);
            terminal.KeepsWork(line.GetValue(output) is null ? $"--out {folder}" : "");
            List<MethodOutcomes> outcomes = terminal.Watch(meter => Run(terminal, meter, plan, methods, chosen, operators, judge, journal));
            ComparisonReport report = ComparisonReport.Of(outcomes, settings.Selection.Floor);
            string path = Path.Combine(folder, "report.md");
            ComparisonText.Write(path, ComparisonText.Markdown(report, Facts(plan, operators, judge), SettingsText.Write(settings)));
            if (line.GetValue(json))
                terminal.Json(new { Report = report, Run = folder, Judge = judge.Name, Settings = settings });
            else
                Print(terminal, report, path);
        });
        return command;
    }

    private static (string Name, string File) Named(string pair)
    {
        int equals = pair.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 && equals < pair.Length - 1
            ? (pair[..equals], pair[(equals + 1)..])
            : throw new SealException($"--self-edits '{pair}': expected NAME=FILE, for example gpt4.1=gpt4_1_val.json");
    }

    private static IReadOnlyList<Passage> Choose(Plan plan)
    {
        if (plan.Skip < 0)
            throw new SealException($"--skip is {plan.Skip}; expected 0 or more");
        int take = plan.Settings.Take == 0 ? int.MaxValue : plan.Settings.Take;
        IReadOnlyList<Passage> all = PassageSource.Read(plan.Settings.Passages);
        Passage[] chosen = [.. all.Skip(plan.Skip).Take(take)];
        if (chosen.Length == 0)
            throw new SealException($"--skip {plan.Skip} leaves nothing of the {all.Count} passages in {plan.Settings.Passages}");
        Comparison.RequireQuestions(chosen);
        return chosen;
    }

    private static List<Method> Methods(Plan plan, IReadOnlyList<Passage> passages)
    {
        List<Method> methods = [Method.NoUpdate(passages.Count)];
        // An adapter that was trained before is examined as it is, against the model without it.
        if (plan is { Adapters.Length: > 0, SelfEdits.Count: 0 })
            return [methods[0], Method.NoUpdate(passages.Count) with { Name = "adapter" }];
        if (plan.Baselines)
            methods.Add(Method.PassageOnly(passages.Count));
        foreach ((string name, string file) in plan.SelfEdits)
            methods.Add(Method.FromFile(name, file, PassageFile.Read(file), passages));
        string? twice = methods.GroupBy(method => method.Name).FirstOrDefault(group => group.Count() > 1)?.Key;
        return twice is null ? methods : throw new SealException($"--self-edits: the name '{twice}' is given twice, or is that of a baseline; name each differently");
    }

    private static List<MethodOutcomes> Run(
        Terminal terminal, Meter meter, Plan plan, List<Method> methods, IReadOnlyList<Passage> passages, Operators operators, IJudge judge, RunJournal journal)
    {
        var throughput = new Throughput();
        var comparison = new Comparison(plan.Settings.Trial, plan.Settings.Seed, judge, journal)
        {
            Progress = (method, done, total, tokens) => meter.Report(method, done, total, throughput.Of(tokens)),
        };
        List<MethodOutcomes> outcomes = [];
        int withoutAdapter = plan is { Adapters.Length: > 0, SelfEdits.Count: 0 } ? 1 : 0;
        foreach ((string[] adapters, IEnumerable<Method> part) in ((string[], IEnumerable<Method>)[])
            [([], methods.Take(withoutAdapter)), (plan.Adapters, methods.Skip(withoutAdapter))])
        {
            if (!part.Any())
                continue;
            using LanguageModel model = ModelOptions.Open(plan.Settings.Model, adapters, operators);
            foreach (Method method in part)
            {
                throughput = new Throughput();
                outcomes.Add(comparison.Run(model, method, passages, terminal.Cancel));
            }
        }
        return outcomes;
    }

    private static List<(string, string)> Facts(Plan plan, Operators operators, IJudge judge) =>
    [
        ("model", plan.Settings.Model),
        .. plan.Adapters.Select(adapter => ("adapter, merged", adapter)),
        ("passages", plan.Settings.Passages),
        ("skipped", plan.Skip.ToString(CultureInfo.InvariantCulture)),
        .. plan.SelfEdits.Select(pair => ($"self-edits {pair.Name}", pair.File)),
        ("judge", judge.Name),
        ("computed by", $"{operators.Numerics}, {operators.Activation.ToString().ToLowerInvariant()}"),
    ];

    private static void Print(Terminal terminal, ComparisonReport report, string path)
    {
        terminal.Out.WriteLine(ComparisonText.Legend(report));
        terminal.Write(TableOf(ComparisonText.MethodColumns, ComparisonText.MethodRows(report)));
        if (report.Differences.Count > 0)
            terminal.Write(TableOf(ComparisonText.DifferenceColumns, ComparisonText.DifferenceRows(report)));
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
