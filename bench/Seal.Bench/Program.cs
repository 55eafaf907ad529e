using BenchmarkDotNet.Running;
using Seal.Bench;
using Seal.Models.Benchmarks;

// A bench that measures a process of its own starts this program as it would start `seal`.
if (args is ["bench", ..])
    args = args[1..];
switch (args.FirstOrDefault())
{
    // What `seal bench` offers, for those who are in the source tree anyway: the same commands, options and code.
    case "inner-step" or "decode" or "oversubscribed":
        return TunedProcess.Rerun(args) ?? Seal.Cli.CommandLine.Run(["bench", .. args], Console.Out, Console.Error, null, CancellationToken.None);
    case "operators":
        BenchmarkSwitcher.FromTypes([typeof(OperatorBenchmarks)]).Run(["--filter", "*", .. args[1..]]);
        return 0;
    default:
        Console.Error.WriteLine("usage: inner-step | decode | oversubscribed [options of `seal bench`] | operators [BenchmarkDotNet options]");
        return 2;
}
