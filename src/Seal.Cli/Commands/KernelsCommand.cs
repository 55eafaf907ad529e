using System.CommandLine;
using System.Globalization;
using Seal.Kernels;
using Seal.Kernels.Cases;
using Seal.Kernels.Native;
using Spectre.Console;

namespace Seal.Cli.Commands;

/// <summary>The kernel regression suite: what can be asked of the one list of operator cases.</summary>
internal sealed class KernelsCommand
{
    private sealed record CaseResult(string Lane, string Case, bool Passed, IReadOnlyList<Finding> Findings, IReadOnlyList<CaseTime>? Times = null);

    private sealed record NotRun(string Lane, string Reason);

    private readonly Terminal _terminal;
    private readonly Option<string?> _operator = new("--op") { Description = "One operator by its stem, such as rms_norm; default: all", HelpName = "NAME" };
    private readonly Option<string> _backend = new("--backend") { Description = "torch, native, ilgpu, cuda (a run of its own) or all others (default)", HelpName = "NAME", DefaultValueFactory = _ => "all" };
    private readonly Option<string> _type = new("--dtype") { Description = "f32, bf16 or all (default; differences are taken in f64 or f32)", HelpName = "TYPE", DefaultValueFactory = _ => "all" };
    private readonly Option<string?> _isa = new("--isa") { Description = "One instruction set of the native backend; default: every one that this machine has", HelpName = "NAME" };
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object" };

    private KernelsCommand(Terminal terminal)
    {
        _terminal = terminal;
        _backend.AcceptOnlyFromAmong([.. CaseLane.Known, SealNative.CudaEmulated, "all"]);
        _type.AcceptOnlyFromAmong("f32", "bf16", "all");
    }

    public static Command Create(Terminal terminal)
    {
        var kernels = new KernelsCommand(terminal);
        var test = new TaughtCommand("test", "Every case against float64, and how much of each tolerance was used",
            new Example("everything that this machine can run", "seal kernels test"),
            new Example("one operator on one instruction set", "seal kernels test --op lora_linear --backend native --isa avx2 --dtype f32"));
        var grad = new TaughtCommand("grad", "Backward passes against finite differences of their forward passes",
            new Example("of attention", "seal kernels grad --op causal_attention"));
        var perf = new TaughtCommand("perf", "Median time, GFLOP/s and GB/s at a model's sizes, of the cases whose results are right",
            new Example("of the linears on both backends", "seal kernels perf --op lora_linear"));
        var support = new TaughtCommand("support", "How each backend computes each operator: native, fallback or absent",
            new Example("the table", "seal kernels support"));
        test.SetAction(line => kernels.Check(line, [.. OperatorCases.All, .. OperatorCases.RealSizes], CaseVerbs.Test));
        grad.SetAction(line => kernels.Check(line, OperatorCases.All, (operatorCase, operators, _) => CaseVerbs.Grad(operatorCase, operators), gradients: true));
        perf.SetAction(kernels.Time);
        support.SetAction(kernels.Support);
        foreach (Command verb in (Command[])[test, grad, perf])
            foreach (Option option in (Option[])[kernels._operator, kernels._backend, kernels._type, kernels._isa, kernels._json])
                verb.Add(option);
        support.Add(kernels._json);
        return new TaughtCommand("kernels", "Check and measure the operators, one by one") { test, grad, perf, support };
    }

    /// <summary>A row an operator, a column a backend.</summary>
    public static Table SupportTable()
    {
        Table table = new Table().AddColumns(["operator", .. CaseLane.Known]);
        foreach (string name in Names())
            table.AddRow([name, .. CaseLane.Known.Select(backend => Markup.Escape(Support(backend, name)))]);
        return table;
    }

    private static string Support(string backend, string name)
    {
        string support = CaseLane.Support(backend, name).ToString().ToLowerInvariant();
        return backend == SealNative.Cuda && SealNative.CudaAbsence is { } absence ? $"{support} ({absence.Brief})" : support;
    }

    private static string[] Names() => [.. OperatorCases.All.Select(c => c.Operator).Distinct()];

    private int Support(ParseResult line)
    {
        if (line.GetValue(_json))
            _terminal.Json(Names().ToDictionary(name => name, name => CaseLane.Known.ToDictionary(
                backend => backend, backend => Support(backend, name))));
        else
            _terminal.Write(SupportTable());
        return ExitCode.Success;
    }

    private int Check(
        ParseResult line, IReadOnlyList<OperatorCase> cases, Func<OperatorCase, Operators, Operators, CaseReport> verb, bool gradients = false)
    {
        (List<CaseResult> results, List<NotRun> notRun) = Run(line, cases, gradients, (operatorCase, lane, operators, reference) =>
        {
            CaseReport report = verb(operatorCase, operators, reference);
            return new CaseResult(lane, operatorCase.ToString(), gradients ? report.Findings.All(f => f.Passed) : report.Passed, report.Findings);
        });
        return Print(line, results, notRun, result => result.Findings.Count == 0 ? [] :
        [
            .. result.Findings.Select(f => (string[])[result.Lane, result.Case, f.Result, f.Tolerance, Number(f.Worst), Number(f.Bound), f.Used.ToString("P0", CultureInfo.InvariantCulture), f.Passed ? "ok" : "FAIL"]),
        ], "lane", "case", "result", "tolerance", "worst", "bound", "used", "");
    }

    private int Time(ParseResult line)
    {
        (List<CaseResult> results, List<NotRun> notRun) = Run(line, OperatorCases.RealSizes, false, (operatorCase, lane, operators, reference) =>
        {
            (CaseReport report, IReadOnlyList<CaseTime> times) = CaseVerbs.Perf(operatorCase, operators, reference);
            return new CaseResult(lane, operatorCase.ToString(), report.Passed, report.Findings, times);
        });
        return Print(line, results, notRun, result => !result.Passed
            ? [[result.Lane, result.Case, "", "no time: its results are wrong", "", "", ""]]
            : [.. result.Times!.Select(time => (string[])[
                result.Lane, result.Case, time.Part, time.MedianMs.ToString("0.000", CultureInfo.InvariantCulture), time.Gflops.ToString("0.0", CultureInfo.InvariantCulture),
                time.GigabytesPerSecond.ToString("0.0", CultureInfo.InvariantCulture), result.Findings.Max(f => f.Used).ToString("P0", CultureInfo.InvariantCulture)])],
            "lane", "case", "part", "median ms", "GFLOP/s", "GB/s", "tolerance used");
    }

    private (List<CaseResult> Results, List<NotRun> NotRun) Run(
        ParseResult line, IReadOnlyList<OperatorCase> all, bool gradients, Func<OperatorCase, string, Operators, Operators, CaseResult> verb)
    {
        string? only = line.GetValue(_operator);
        OperatorCase[] cases = [.. all.Where(c => only is null || c.Operator == only)];
        if (cases.Length == 0)
            throw new SealException($"--op is '{only}'; expected {string.Join(", ", Names())}");
        List<CaseResult> results = [];
        List<NotRun> notRun = [];
        IReadOnlyList<CaseLane> lanes = Lanes(line, gradients);
        using var reference = new TorchOperators(Device.Host, DType.F64);
        _terminal.Watch(meter =>
        {
            int done = 0;
            foreach (CaseLane lane in lanes)
            {
                if (lane.Absent is { } reason)
                {
                    notRun.Add(new NotRun(lane.Name, reason));
                    continue;
                }
                using Operators operators = lane.Open();
                foreach (OperatorCase operatorCase in cases)
                {
                    _terminal.Cancel.ThrowIfCancellationRequested();
                    if (lane.Backend == "ilgpu" && operators.Device.Kind == DeviceKind.Host && OperatorCases.RealSizes.Contains(operatorCase))
                        LeaveOutRealSizes(notRun, lane);
                    else if (operators.Support(operatorCase.Operator) == OperatorSupport.Absent)
                        notRun.Add(new NotRun(lane.Name, $"it does not have {operatorCase.Operator}"));
                    else
                        results.Add(verb(operatorCase, lane.Name, operators, reference));
                    meter.Report("operator cases", ++done, cases.Length * lanes.Count(l => l.Absent is null), $"{lane.Name} {operatorCase.Operator}");
                }
            }
            return 0;
        });
        return (results, notRun);
    }

    private static void LeaveOutRealSizes(List<NotRun> notRun, CaseLane lane)
    {
        if (notRun.All(other => other.Lane != lane.Name))
            notRun.Add(new NotRun(lane.Name, "the sizes of a real model: ILGPU's CPU accelerator would take hours for them"));
    }

    private IReadOnlyList<CaseLane> Lanes(ParseResult line, bool gradients)
    {
        string backend = line.GetRequiredValue(_backend), type = line.GetRequiredValue(_type);
        if (line.GetValue(_isa) is not null && backend == "torch")
            throw new SealException("--isa is the native backend's: libtorch chooses for itself; use --backend native");
        if (gradients && type == "bf16")
            throw new SealException("bf16's rounding hides finite differences; they are taken in f32, or f64 by torch: leave out --dtype");
        DType[] types = gradients ? [DType.F32] : type switch { "f32" => [DType.F32], "bf16" => [DType.BF16], _ => [DType.F32, DType.BF16] };
        return
        [
            .. (backend == "all" ? CaseLane.Backends : [backend]).SelectMany(name => types.SelectMany(
                // The reference differentiates in f64, where differences are sharp.
                t => CaseLane.Of(name, gradients && name == "torch" ? DType.F64 : t, line.GetValue(_isa)))),
        ];
    }

    private int Print(ParseResult line, List<CaseResult> results, List<NotRun> notRun, Func<CaseResult, string[][]> rows, params string[] columns)
    {
        bool passed = results.Count > 0 && results.All(result => result.Passed);
        if (line.GetValue(_json))
        {
            _terminal.Json(new { Passed = passed, Cases = results, NotRun = notRun });
            return passed ? ExitCode.Success : ExitCode.Failure;
        }
        Table table = new Table().AddColumns(columns);
        foreach (CaseResult result in results)
            foreach (string[] row in rows(result))
                table.AddRow([.. row.Select(Markup.Escape)]);
        _terminal.Write(table);
        foreach (NotRun lane in notRun)
            _terminal.Out.WriteLine($"not run: {lane.Lane}: {lane.Reason}");
        _terminal.Out.WriteLine($"{results.Count(result => result.Passed)} of {results.Count} cases within tolerance");
        return passed ? ExitCode.Success : ExitCode.Failure;
    }

    private static string Number(double value) => value.ToString("G3", CultureInfo.InvariantCulture);
}
