using System.Globalization;
using BenchmarkDotNet.Running;
using Seal.Bench;
using Seal.Kernels;
using Seal.Models.Benchmarks;

switch (args.FirstOrDefault())
{
    case "inner-step":
        return TunedProcess.Rerun(args) ?? InnerStepTable(args.ElementAtOrDefault(1));
    case "decode":
        return DecodeTable(args[1..]);
    case "operators":
        BenchmarkSwitcher.FromTypes([typeof(OperatorBenchmarks)]).Run(["--filter", "*", .. args[1..]]);
        return 0;
    default:
        Console.Error.WriteLine("usage: inner-step [REPEATS] | decode MODEL [BATCH…] | operators [BenchmarkDotNet options]");
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

static int DecodeTable(string[] args)
{
    int[] batches = [1, 16];
    if (args.Length == 0 || (args.Length > 1 && !TryParse(args[1..], out batches)))
    {
        Console.Error.WriteLine("decode: expected a model's path, and after it numbers of sequences from 1 to 1024");
        return 2;
    }
    try
    {
        using NativeOperators operators = new(Processor.ComputesBFloat16 ? DType.BF16 : DType.F32);
        Console.Write(Decode.Run(args[0], operators, batches, rounds: 3).Text());
        return 0;
    }
    catch (SealException error)
    {
        Console.Error.WriteLine($"decode: {error.Message}");
        return 1;
    }
}

static bool TryParse(string[] texts, out int[] numbers)
{
    numbers = [.. texts.Select(text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0)];
    return numbers.All(number => number is >= 1 and <= 1024);
}
