using System.CommandLine;
using System.Globalization;
using Seal.Kernels;
using Seal.Models.Benchmarks;
using Spectre.Console;

namespace Seal.Cli.Commands;

/// <summary>What a training step would take on GPUs, from shapes and data sheets: nothing is run.</summary>
internal static class BenchPlanCommand
{
    public static Command Create(Terminal terminal)
    {
        var rows = new Option<int>("--rows") { Description = "Tokens of each adapter in a step", HelpName = "N", DefaultValueFactory = _ => 64 };
        var rank = new Option<int>("--rank") { Description = "Rank of the adapters, on all seven linears", HelpName = "N", DefaultValueFactory = _ => 32 };
        var adapters = new Option<int[]>("--adapters") { Description = "Adapters trained together; repeatable", HelpName = "N", DefaultValueFactory = _ => [1, 16] };
        var json = new Option<bool>("--json") { Description = "Print one JSON object" };
        var command = new TaughtCommand("plan",
            "Launches, FLOPs, bytes and the time that the peaks of A100, L4, RTX 4090 and H100 allow a training step on the CUDA kernels: a bound, not a measurement",
            new Example("steps of 64 tokens", "seal bench plan"),
            new Example("longer ones", "seal bench plan --rows 512 --adapters 4"))
        { rows, rank, adapters, json };
        command.SetAction(line =>
        {
            int tokens = Within("--rows", line.GetValue(rows), 1 << 20), width = Within("--rank", line.GetValue(rank), 1024);
            StepPlan[] plans = [.. StepPlan.Models.SelectMany(model => line.GetValue(adapters)!.Select(
                count => StepPlan.Of(model, Within("--adapters", count, 1 << 16), tokens, width)))];
            if (line.GetValue(json))
                terminal.Json(plans.Select(plan => new
                {
                    Plan = plan,
                    plan.Launches,
                    plan.Flops,
                    plan.Bytes,
                    Gpus = StepPlan.Gpus.Select(gpu => new { gpu.Name, Milliseconds = 1000 * plan.Seconds(gpu), TokensPerSecond = plan.TokensPerSecond(gpu) }),
                }));
            else
                foreach (StepPlan plan in plans)
                    terminal.Write(TableOf(plan));
            return ExitCode.Success;
        });
        return command;
    }

    private static int Within(string name, int value, int most) =>
        value >= 1 && value <= most ? value : throw new SealException($"{name} is {value}; expected 1 to {most}");

    private static Table TableOf(StepPlan plan)
    {
        Table table = new Table().Title($"{plan.Model.Name}, {plan.Adapters} x {plan.Rows} tokens, rank {plan.Rank}")
            .AddColumns(["kernel", "launches", "GFLOP", "MB", .. StepPlan.Gpus.Select(gpu => gpu.Name + ", us")]);
        foreach (PlannedKernel kernel in plan.Kernels)
            table.AddRow([kernel.Name, Number(kernel.Launches, "F0"), Number(kernel.Flops / 1e9, "F1"), Number(kernel.Bytes / 1e6, "F1"),
                .. StepPlan.Gpus.Select(gpu => Number(1e6 * StepPlan.Seconds(kernel, gpu), "F0"))]);
        table.AddRow(["the step", Number(plan.Launches, "F0"), Number(plan.Flops / 1e9, "F1"), Number(plan.Bytes / 1e6, "F1"),
            .. StepPlan.Gpus.Select(gpu => Number(1e6 * plan.Seconds(gpu), "F0"))]);
        table.AddRow(["tokens/s", "", "", "", .. StepPlan.Gpus.Select(gpu => Number(plan.TokensPerSecond(gpu), "N0"))]);
        return table;
    }

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
