using System.CommandLine;
using System.Globalization;
using Seal.Kernels;
using Seal.Models.Benchmarks;

namespace Seal.Cli.Commands;

/// <summary>What engines lose that compete for the cores.</summary>
internal static class BenchOversubscribedCommand
{
    private const int Engines = 4;

    public static Command Create(Terminal terminal)
    {
        var steps = new Option<int>("--steps") { Description = "Measured steps an engine", HelpName = "N", DefaultValueFactory = _ => 8 };
        var type = new Option<string>("--dtype") { Description = "f32 (default) or bf16", HelpName = "TYPE", DefaultValueFactory = _ => "f32" };
        type.AcceptOnlyFromAmong("f32", "bf16");
        var json = new Option<bool>("--json") { Description = "Print one JSON object" };
        var command = new TaughtCommand("oversubscribed",
            "Four native engines training at once against the same four one after the other, at 64 tokens a step and SmolLM2-135M's shapes",
            new Example("each with a thread a core", "seal bench oversubscribed"))
        { steps, type, json };
        command.SetAction(line =>
        {
            int count = line.GetValue(steps);
            if (count is < 1 or > 10_000)
                throw new SealException($"--steps is {count}; expected 1 to 10000");
            OversubscribedReport report = Oversubscribed.Run(
                ModelConfigs.SmolLM2, line.GetValue(type) == "bf16" ? DType.BF16 : DType.F32, Engines, threads: 0, count);
            if (line.GetValue(json))
                terminal.Json(report);
            else
                terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{report.Numerics}, {report.DType.ToString().ToLowerInvariant()}: {report.Engines} engines of {report.Threads} threads, {report.Steps} steps each: {report.InTurnMs:F0} ms in turn, {report.AtOnceMs:F0} ms at once, slowdown {report.Slowdown:F2}"));
        });
        return command;
    }
}
