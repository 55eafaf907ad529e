using System.CommandLine;
using System.Globalization;
using Seal.Cli.Options;
using Seal.Kernels;
using Seal.Learning;
using Seal.Learning.Knowledge;
using Seal.Models;

namespace Seal.Cli.Commands;

/// <summary>One document in, a PEFT adapter out.</summary>
internal static class AdaptCommand
{
    public static Command Create(Terminal terminal)
    {
        var document = new Option<string>("--document") { Description = "A .md, .txt or .json file (the passage format, with or without questions)", HelpName = "FILE", Required = true };
        var passage = new Option<int?>("--passage") { Description = "Which record of a .json list, counted from 0", HelpName = "I" };
        var output = new Option<string>("--out") { Description = "Folder of the adapter, in PEFT's format", HelpName = "FOLDER", Required = true };
        var selfEdit = new Option<string>("--self-edit")
        {
            Description = "generate: the model writes it (default); none: the document alone; or a file with one",
            HelpName = "generate|none|FILE",
            DefaultValueFactory = _ => "generate",
        };
        var json = new Option<bool>("--json") { Description = "Print one JSON object" };
        var command = new TaughtCommand("adapt", "Learn one document: one document in, a PEFT adapter out",
            new("let the model write its own training material", "seal adapt --model SmolLM2-135M-Instruct.Q4_1.gguf --document apollo.md --out out/apollo"),
            new("the document alone, for longer", "seal adapt --model M --document apollo.md --self-edit none --set trial.inner.epochs=10 --out out/apollo"),
            new("the fourth passage of a file, with an exam before and after", "seal adapt --model M --document squad_val.json --passage 3 --out out/p3"),
            new("then use it", "seal generate --model M --adapter out/apollo --prompt \"Apollo 11 landed\""));
        var model = new ModelOptions(command);
        model.Model.Required = true;
        foreach (Option option in (Option[])[document, passage, output, selfEdit, json])
            command.Add(option);
        var settingsOptions = new SettingsOptions(command);
        var judge = new JudgeOptions(command);
        command.SetAction(line =>
        {
            string path = line.GetRequiredValue(document), folder = line.GetRequiredValue(output);
            RunSettings settings = settingsOptions.Read(line, settings => settings with { Model = line.GetRequiredValue(model.Model)!, Passages = path });
            Passage learned = OnePassage(path, line.GetValue(passage));
            string given = line.GetRequiredValue(selfEdit);
            string? written = given switch { "generate" => null, "none" => "", _ => InputText.Read(given) };
            using Operators operators = settingsOptions.Open(line, settings, terminal);
            using LanguageModel opened = ModelOptions.Open(settings.Model, line.GetValue(model.Adapters) ?? [], operators);
            (LoraAdapter adapter, AdaptationRecord record) = terminal.Watch(meter =>
            {
                string text = written ?? Sample(opened, settings, learned, meter, terminal);
                var adaptation = new Adaptation(opened, settings.Trial, judge.Open(line)) { Progress = (phase, done, total) => meter.Report(phase, done, total) };
                return adaptation.Learn(learned, text, CounterRandom.Derive(settings.Seed, "lesson"), terminal.Cancel);
            });
            terminal.Cancel.ThrowIfCancellationRequested();
            adapter.Write(folder, settings.Model);
            if (line.GetValue(json))
                terminal.Json(new { Adapter = folder, Document = learned.Title, record, PeakMemoryMb = PeakMemory.Megabytes, Settings = settings });
            else
                Print(terminal.Out, folder, record);
        });
        return command;
    }

    private static Passage OnePassage(string path, int? index)
    {
        IReadOnlyList<Passage> passages = PassageSource.Read(path);
        if (index is int i)
            return i >= 0 && i < passages.Count ? passages[i] : throw new SealException($"--passage is {i}; {path} has {passages.Count}, counted from 0");
        return passages.Count == 1
            ? passages[0]
            : throw new SealException($"{path}: holds {passages.Count} passages, an adapter learns one; choose it with --passage 0 to {passages.Count - 1}");
    }

    private static string Sample(LanguageModel model, RunSettings settings, Passage passage, Meter meter, Terminal terminal)
    {
        var throughput = new Throughput();
        int drawn = 0;
        return new SelfEditSampler(model, settings.SelfEdit).Write(
            [(passage, CounterRandom.Derive(settings.Seed, "self-edit"))],
            step => meter.Report("self-edit", drawn += step, settings.SelfEdit.MaxTokens, throughput.Of(drawn)),
            terminal.Cancel)[0].Text;
    }

    private static void Print(TextWriter output, string folder, AdaptationRecord record)
    {
        output.WriteLine("Self-edit:");
        output.WriteLine(record.SelfEdit.Length > 0 ? record.SelfEdit : "(none: the document alone)");
        output.WriteLine();
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Trained on {record.Sequences.Count} sequences: {record.Losses.Count} steps, {record.Tokens} tokens, {record.TokensPerSecond:F0} tokens/s"));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Loss {record.Losses[0]:F3} -> {record.Losses[^1]:F3}: {string.Join(' ', record.Losses.Select(loss => loss.ToString("F3", CultureInfo.InvariantCulture)))}"));
        if (record is { Before: { } before, After: { } after })
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"Exam, {after.Answers.Count} questions, before -> after: accuracy {before.Accuracy():P0} -> {after.Accuracy():P0}, F1 {before.F1():P0} -> {after.F1():P0}, log-likelihood {before.LogLikelihood():F3} -> {after.LogLikelihood():F3}"));
            foreach (ScoredAnswer answer in after.Answers)
                output.WriteLine($"  {(answer.Correct ? "right" : "wrong")}  {answer.Question}  ->  {answer.Answer.ReplaceLineEndings(" ")}  (gold: {answer.Gold})");
        }
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Peak memory: {PeakMemory.Megabytes:F0} MB"));
        output.WriteLine($"Adapter: {folder}");
    }
}
