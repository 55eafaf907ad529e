using System.CommandLine;
using Seal.Kernels;
using Seal.Models.Benchmarks;

namespace Seal.Cli.Commands;

/// <summary>Measures what the inner loop is made of.</summary>
internal static class BenchCommand
{
    public static Command Create(Terminal terminal)
    {
        var repeats = new Option<int>("--repeats") { Description = "Measured steps a case", HelpName = "N", DefaultValueFactory = _ => 7 };
        var json = new Option<bool>("--json") { Description = "Print one JSON object" };
        var innerStep = new TaughtCommand("inner-step",
            "One training step (forward, backward, AdamW) of a rank-32 adapter on all linears of a model of SmolLM2-135M's shapes, weights random",
            new("f32, and bf16 where the processor has it, at 32, 64, 128 and 512 tokens", "seal bench inner-step"),
            new("fewer repetitions, for a script", "seal bench inner-step --repeats 3 --json"))
        { repeats, json };
        innerStep.SetAction(line =>
        {
            int count = line.GetValue(repeats);
            if (count is < 1 or > 10_000)
                throw new SealException($"--repeats is {count}; expected 1 to 10000");
            InnerStepReport report = terminal.Watch(meter => InnerStep.Run(
                ModelConfigs.SmolLM2, count, (done, total) => meter.Report("inner-step", done, total), terminal.Cancel));
            if (line.GetValue(json))
                terminal.Json(report);
            else
                terminal.Out.Write(report.Text());
        });
        return new TaughtCommand("bench", "Measure") { innerStep, BenchOversubscribedCommand.Create(terminal) };
    }
}
