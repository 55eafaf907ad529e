using System.CommandLine;
using System.Runtime;
using System.Runtime.InteropServices;
using Seal.Cli.Options;
using Seal.Kernels;
using Seal.Kernels.Cases;
using Seal.Kernels.Cuda;
using Seal.Kernels.Native;

namespace Seal.Cli.Commands;

/// <summary>Says what this machine has, what will compute on it, and checks the operators on request.</summary>
internal static class DoctorCommand
{
    private sealed record Checkup(
        string Processor, string InstructionSet, IReadOnlyList<string>? Instructions, int Cores, bool BFloat16, double MemoryGiB,
        bool NativeLoaded, string NativeTrace, string Torch, IReadOnlyDictionary<string, string> Operators, string Runtime, string GarbageCollector, string Cuda, string CudaKernels);

    public static Command Create(Terminal terminal)
    {
        var kernels = new Option<bool>("--kernels") { Description = "Also run the kernel regression suite: every operator case against float64" };
        var json = new Option<bool>("--json") { Description = "Print one JSON object" };
        var command = new TaughtCommand("doctor", "Say what this machine has and what will compute on it",
            new("what there is", "seal doctor"),
            new("and whether every operator computes correctly here", "seal doctor --kernels"))
        { kernels, json };
        var backend = new BackendOptions(command, validates: false);
        command.SetAction(line =>
        {
            using Operators operators = backend.Open(line, terminal);
            Checkup checkup = Examine(operators);
            CaseReport[] reports = line.GetValue(kernels) ? TestCases(terminal, operators) : [];
            bool passed = reports.All(report => report.Passed);
            if (line.GetValue(json))
                terminal.Json(new
                {
                    Machine = checkup,
                    Kernels = reports.Select(report => new { Case = report.Case.ToString(), report.Passed, report.Findings }),
                    Passed = passed,
                });
            else
            {
                Print(terminal.Out, checkup, reports);
                terminal.Write(KernelsCommand.SupportTable());
            }
            return passed ? ExitCode.Success : ExitCode.Failure;
        });
        return command;
    }

    private static Checkup Examine(Operators operators)
    {
        bool native = SealNative.TryLoad(out string trace);
        CpuFeatures? cpu = native ? SealNative.Cpu : null;
        return new Checkup(
            cpu is { Brand.Length: > 0 } ? cpu.Brand : RuntimeInformation.ProcessArchitecture.ToString(),
            Processor.InstructionSet,
            cpu?.Instructions,
            cpu?.Cores ?? Environment.ProcessorCount,
            Processor.ComputesBFloat16,
            Math.Round(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1 << 30), 1),
            native,
            trace,
            operators.Numerics,
            OperatorCases.All.Select(c => c.Operator).Distinct().ToDictionary(name => name, _ => operators.Name),
            $"{RuntimeInformation.FrameworkDescription} on {RuntimeInformation.OSDescription}",
            $"{(GCSettings.IsServerGC ? "server" : "workstation")}, {GCSettings.LatencyMode}",
            CudaDevices.Describe(),
            SealNative.CudaAbsence is { } absence ? $"absent: {absence.Reason}" : "found: --backend cuda computes on device 0");
    }

    private static CaseReport[] TestCases(Terminal terminal, Operators operators)
    {
        using var reference = new TorchOperators(Device.Host, DType.F64);
        IReadOnlyList<OperatorCase> cases = OperatorCases.All;
        return terminal.Watch(meter => cases.Select((operatorCase, i) =>
        {
            terminal.Cancel.ThrowIfCancellationRequested();
            meter.Report("operator cases", i + 1, cases.Count, operatorCase.Operator);
            return CaseVerbs.Test(operatorCase, operators, reference);
        }).ToArray());
    }

    private static void Print(TextWriter output, Checkup checkup, CaseReport[] reports)
    {
        output.WriteLine($"processor    {checkup.Processor}, {checkup.Cores} cores, {checkup.InstructionSet}");
        output.WriteLine($"             {(checkup.Instructions is { } list ? string.Join(' ', list) : "(instructions in detail: with the native library)")}");
        output.WriteLine($"bf16         {(checkup.BFloat16 ? "computed in hardware" : "emulated by libtorch, far slower than f32: this processor has no AVX512-BF16")}");
        output.WriteLine(FormattableString.Invariant($"memory       {checkup.MemoryGiB:F1} GiB"));
        output.WriteLine($"native       {(checkup.NativeLoaded ? "found" : "not found")}: {checkup.NativeTrace.ReplaceLineEndings("\n             ")}");
        output.WriteLine($"libtorch     {checkup.Torch}");
        output.WriteLine($"CUDA driver  {checkup.Cuda}");
        output.WriteLine($"CUDA kernels {checkup.CudaKernels}");
        foreach (IGrouping<string, string> group in checkup.Operators.GroupBy(pair => pair.Value, pair => pair.Key))
            output.WriteLine($"operators    on {group.Key}: {string.Join(", ", group)}");
        output.WriteLine($".NET         {checkup.Runtime}; garbage collector: {checkup.GarbageCollector}");
        if (reports.Length == 0)
        {
            output.WriteLine("kernels      not checked; `seal doctor --kernels` checks this backend's, `seal kernels test` all, on every instruction set");
            return;
        }
        output.WriteLine($"kernels      {reports.Count(report => report.Passed)} of {reports.Length} cases within tolerance of float64");
        foreach (CaseReport report in reports.Where(report => !report.Passed))
            output.WriteLine(report);
    }
}
