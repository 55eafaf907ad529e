using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Seal.Kernels;
using Seal.Models.Benchmarks;

namespace Seal.Cli.Commands;

/// <summary>The inner step against libtorch's best.</summary>
internal static class BenchInnerStepCommand
{
    public static Command Create(Terminal terminal)
    {
        var repeats = new Option<int>("--repeats") { Description = "Pairs a case", HelpName = "N", DefaultValueFactory = _ => 15 };
        var tokens = new Option<int[]>("--tokens") { Description = "Tokens of one adapter's step; repeatable (default 32, 64, 128 and 512)", HelpName = "T", AllowMultipleArgumentsPerToken = true };
        var adapters = new Option<int[]>("--adapters") { Description = "Adapters of 40 tokens each in one step; repeatable (default 4, 8 and 16)", HelpName = "N", AllowMultipleArgumentsPerToken = true };
        var type = new Option<string?>("--dtype") { Description = "Only this: f32 or bf16", HelpName = "TYPE" };
        type.AcceptOnlyFromAmong("f32", "bf16");
        var backend = new Option<string?>("--backend") { Description = "native: only this, without libtorch beside it; on an NVIDIA GPU: cuda or ilgpu beside libtorch's CUDA build, or torch-cuda, that alone", HelpName = "NAME" };
        backend.AcceptOnlyFromAmong("native", "cuda", "ilgpu", "torch-cuda");
        var eager = new Option<bool>("--eager") { Description = "With --backend cuda: kernel by kernel, not as graphs" };
        var operators = new Option<bool>("--operators") { Description = "Time the step operator by operator instead; the native one's beside libtorch's" };
        var trace = new Option<string?>("--trace") { Description = "Write a Chrome trace of one native step, operator by operator and thread by thread (opens in ui.perfetto.dev)", HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "Print one JSON object" };
        var command = new TaughtCommand("inner-step",
            "One training step (forward, backward, AdamW) of rank-32 adapters on all linears of a model of SmolLM2-135M's shapes, weights random, against the best step that we can write for libtorch",
            new("everything, in pairs: minutes", "seal bench inner-step"),
            new("one case, for a script", "seal bench inner-step --tokens 128 --repeats 15 --json"),
            new("where the time goes", "seal bench inner-step --operators --tokens 512"),
            new("on a GPU, beside libtorch's CUDA build and cuBLAS's peak", "seal bench inner-step --backend cuda --json"))
        { repeats, tokens, adapters, type, backend, eager, operators, trace, json };
        command.SetAction(line =>
        {
            int count = line.GetValue(repeats);
            if (count is < 1 or > 10_000)
                throw new SealException($"--repeats is {count}; expected 1 to 10000");
            StepShape[] shapes = Shapes(line.GetValue(tokens) ?? [], line.GetValue(adapters) ?? []);
            DType[] types = line.GetValue(type) switch { "f32" => [DType.F32], "bf16" => [DType.BF16], _ => [DType.BF16, DType.F32] };
            string computes = line.GetValue(backend) ?? "native";
            if (computes != "native" && line.GetValue(trace) is not null)
                throw new SealException($"--trace looks into the processor's threads; leave out --backend {computes}");
            if (line.GetValue(eager) && computes != "cuda")
                throw new SealException("--eager is about graphs, which cuda alone has; add --backend cuda");
            if (line.GetValue(trace) is { } file)
            {
                StepTrace.Write(file, ModelConfigs.SmolLM2, types[0], shapes[0]);
                terminal.Note($"{file} holds one step of {shapes[0].Tokens} tokens");
                return;
            }
            if (line.GetValue(operators))
            {
                OperatorReport parts = computes == "native"
                    ? OperatorTimes.Run(ModelConfigs.SmolLM2, shapes[0], types[0], count, line.GetValue(backend) is null)
                    : OperatorTimes.OnGpu(ModelConfigs.SmolLM2, shapes[0], types[0], count, computes);
                if (line.GetValue(json))
                    terminal.Json(parts);
                else
                    terminal.Out.Write(parts.Text());
                return;
            }
            bool alone = line.GetValue(backend) is "native";
            InnerStepReport report = terminal.Watch(meter => InnerStep.Run(
                ModelConfigs.SmolLM2, new InnerStepSettings(count, shapes, types, Libtorch: !alone, computes, Graphs: !line.GetValue(eager)),
                computes == "native" && !alone ? MemoryOf : null,
                (done, total) => meter.Report("inner-step", done, total), terminal.Cancel));
            if (line.GetValue(json))
                terminal.Json(report);
            else
                terminal.Out.Write(report.Text());
        });
        return command;
    }

    private static StepShape[] Shapes(int[] tokens, int[] adapters)
    {
        foreach (int length in tokens)
            if (length is < 1 or > 8192)
                throw new SealException($"--tokens is {length}; expected 1 to 8192");
        foreach (int count in adapters)
            if (count is < 1 or > 64)
                throw new SealException($"--adapters is {count}; expected 1 to 64");
        return tokens.Length + adapters.Length == 0
            ? [.. InnerStepSettings.AllShapes]
            : [.. tokens.Select(length => new StepShape(1, length)), .. adapters.Select(count => new StepShape(count, 40))];
    }

    /// <summary>This process has libtorch in it: another one runs the case alone, on its allocator as it comes.</summary>
    private static double? MemoryOf(DType type, StepShape shape)
    {
        if (Environment.ProcessPath is not { } program)
            return null;
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, Environment = { ["GLIBC_TUNABLES"] = "" } };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
            start.ArgumentList.Add(Environment.GetCommandLineArgs()[0]);
        string[] shaped = shape.Adapters == 1
            ? ["--tokens", shape.Length.ToString(CultureInfo.InvariantCulture)]
            : ["--adapters", shape.Adapters.ToString(CultureInfo.InvariantCulture)];
        foreach (string arg in (string[])["bench", "inner-step", "--backend", "native", "--dtype", type.ToString().ToLowerInvariant(), "--repeats", "1", "--json", .. shaped])
            start.ArgumentList.Add(arg);
        using Process? child = Process.Start(start);
        if (child is null)
            return null;
        child.ErrorDataReceived += (_, _) => { };
        child.BeginErrorReadLine();
        string output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        return child.ExitCode == 0 ? JsonDocument.Parse(output).RootElement.GetProperty("steps")[0].GetProperty("peak_rss_mb").GetDouble() : null;
    }
}
