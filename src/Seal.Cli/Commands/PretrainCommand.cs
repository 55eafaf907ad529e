using System.CommandLine;
using System.Globalization;
using Seal.Learning.Worlds;
using Seal.Models.Pretraining;

namespace Seal.Cli.Commands;

/// <summary>Makes the embedded base model.</summary>
internal static class PretrainCommand
{
    public static Command Create(Terminal terminal)
    {
        var model = new Option<string>("--model") { Description = "Which of the embedded models", DefaultValueFactory = _ => Bottle.Passages.Model };
        model.AcceptOnlyFromAmong([.. Bottle.All.Select(bottle => bottle.Model)]);
        var steps = new Option<int?>("--steps") { Description = "Optimizer steps (default: as the embedded one)", HelpName = "N" };
        var seed = new Option<ulong?>("--seed") { Description = "Everything random follows from it (default 1)", HelpName = "N" };
        var f32 = new Option<bool>("--f32") { Description = "Products in f32 instead of bf16" };
        var output = new Option<string>("--out") { Description = "Folder: checkpoint, and at the end the model, a .gguf file; the same line again continues", HelpName = "FOLDER", Required = true };
        var command = new TaughtCommand("pretrain", "Make an embedded base model: a small llama that reads a generated world",
            new Example("as the embedded one was made", "seal pretrain --out runs/bottle"),
            new Example("the one of the grid world", "seal pretrain --model embedded:grids --out runs/grids"));
        foreach (Option option in (Option[])[model, steps, seed, f32, output])
            command.Add(option);
        command.SetAction(line =>
        {
            Bottle bottle = Bottle.All.Single(bottle => bottle.Model == line.GetRequiredValue(model));
            PretrainingSettings settings = bottle.Making;
            settings = settings with { Steps = line.GetValue(steps) ?? settings.Steps, Seed = line.GetValue(seed) ?? settings.Seed };
            string folder = line.GetRequiredValue(output);
            Directory.CreateDirectory(folder);
            terminal.KeepsWork();
            string made = terminal.Watch(meter => new BottleMaker(bottle, settings, folder, bf16: !line.GetValue(f32))
            {
                Progress = state => meter.Report("reading", state.Step, settings.Steps, string.Create(CultureInfo.InvariantCulture, $"loss {state.Loss:F4}, {state.Tokens / 1e6:F1} M tokens, {state.Tokens / Math.Max(1, state.Seconds):F0} tokens/s")),
            }.Run(terminal.Cancel));
            terminal.Out.WriteLine($"Model: {made}");
        });
        return command;
    }
}
