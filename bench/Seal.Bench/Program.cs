using System.Globalization;
using BenchmarkDotNet.Running;
using Seal.Bench;
using Seal.Kernels;
using Seal.Models.Benchmarks;

switch (args.FirstOrDefault())
{
    case "inner-step":
        return TunedProcess.Rerun(args) ?? InnerStepTable(args.ElementAtOrDefault(1));
    case "operators":
        BenchmarkSwitcher.FromTypes([typeof(OperatorBenchmarks)]).Run(["--filter", "*", .. args[1..]]);
        return 0;
    default:
        Console.Error.WriteLine("usage: inner-step [REPEATS] | operators [BenchmarkDotNet options]");
        return 2;
}

static int InnerStepTable(string? repeats)
{
    if (!int.TryParse(repeats ?? "7", NumberStyles.None, CultureInfo.InvariantCulture, out int count) || count < 1)
    {
        Console.Error.WriteLine($"inner-step: '{repeats}' is no number of repetitions; expected 1 or more");
        return 2;
    }
    try
    {
        Console.Write(InnerStep.Run(ModelConfigs.SmolLM2, count).Text());
        return 0;
    }
    catch (SealException error)
    {
        Console.Error.WriteLine($"inner-step: {error.Message}");
        return 1;
    }
}
