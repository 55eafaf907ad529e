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
        var steps = new Option<int?>("--steps") { Description = "Optimizer steps (default 3400)", HelpName = "N" };
        var seed = new Option<ulong?>("--seed") { Description = "Everything random follows from it (default 1)", HelpName = "N" };
        var f32 = new Option<bool>("--f32") { Description = "Products in f32 instead of bf16" };
        var output = new Option<string>("--out") { Description = "Folder: checkpoint, and at the end the model, bottle.gguf; the same line again continues", HelpName = "FOLDER", Required = true };
        var command = new TaughtCommand("pretrain", "Make the embedded base model: a small llama that reads a generated world",
            new Example("as the embedded one was made", "seal pretrain --out runs/bottle"));
        foreach (Option option in (Option[])[steps, seed, f32, output])
            command.Add(option);
        command.SetAction(line =>
        {
            var settings = new PretrainingSettings();
            settings = settings with { Steps = line.GetValue(steps) ?? settings.Steps, Seed = line.GetValue(seed) ?? settings.Seed };
            string folder = line.GetRequiredValue(output);
            Directory.CreateDirectory(folder);
            terminal.KeepsWork();
            string model = terminal.Watch(meter => new BottleMaker(settings, folder, bf16: !line.GetValue(f32))
            {
                Progress = state => meter.Report("reading", state.Step, settings.Steps, string.Create(CultureInfo.InvariantCulture, $"loss {state.Loss:F4}, {state.Tokens / 1e6:F1} M tokens, {state.Tokens / Math.Max(1, state.Seconds):F0} tokens/s")),
            }.Run(terminal.Cancel));
            terminal.Out.WriteLine($"Model: {model}");
        });
        return command;
    }
}
