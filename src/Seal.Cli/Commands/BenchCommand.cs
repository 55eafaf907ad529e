using System.CommandLine;
using Seal.Cli.Options;
using Seal.Kernels;
using Seal.Models.Benchmarks;

namespace Seal.Cli.Commands;

/// <summary>Measures what the inner loop is made of.</summary>
internal static class BenchCommand
{
    public static Command Create(Terminal terminal) => new TaughtCommand("bench", "Measure")
    {
        BenchInnerStepCommand.Create(terminal), DecodeCommand(terminal), BenchOversubscribedCommand.Create(terminal), BenchPlanCommand.Create(terminal),
    };

    private static Command DecodeCommand(Terminal terminal)
    {
        var batches = new Option<int[]>("--batch") { Description = "Sequences decoded together; repeatable", HelpName = "N", DefaultValueFactory = _ => [1, 16] };
        var rounds = new Option<int>("--repeats") { Description = "Runs of each batch size, 40 measured steps each", HelpName = "N", DefaultValueFactory = _ => 3 };
        var json = new Option<bool>("--json") { Description = "Print one JSON object" };
        var command = new TaughtCommand("decode",
            "Generation, greedy and without an adapter: a step of all sequences against what this machine's memory or arithmetic alone would take",
            new("one sequence, and 16 together", "seal bench decode --model SmolLM2-135M-Instruct.Q4_1.gguf --backend native --dtype bf16"),
            new("another batch size, for a script", "seal bench decode --model M --backend native --batch 8 --json"));
        var model = new Option<string>("--model") { Description = "A Hugging Face folder or a .gguf file", HelpName = "PATH", Required = true };
        foreach (Option option in (Option[])[model, batches, rounds, json])
            command.Add(option);
        var backend = new BackendOptions(command);
        command.SetAction(line =>
        {
            int[] sizes = line.GetValue(batches)!;
            foreach (int size in sizes)
                if (size is < 1 or > 1024)
                    throw new SealException($"--batch is {size}; expected 1 to 1024");
            int count = line.GetValue(rounds);
            if (count is < 1 or > 1000)
                throw new SealException($"--repeats is {count}; expected 1 to 1000");
            using Operators operators = backend.Open(line, terminal);
            DecodeReport report = terminal.Watch(meter => Decode.Run(
                line.GetRequiredValue(model), operators, sizes, count, (done, total) => meter.Report("decode", done, total), terminal.Cancel));
            if (line.GetValue(json))
                terminal.Json(report);
            else
                terminal.Out.Write(report.Text());
        });
        return command;
    }
}
