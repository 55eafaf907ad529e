using System.CommandLine;
using System.Globalization;
using Seal.Cli.Options;
using Seal.Kernels;
using Seal.Models.Goldens;

namespace Seal.Cli.Commands;

/// <summary>Reproduces reference numerics, folder by folder.</summary>
internal static class VerifyCommand
{
    private sealed record Verified(string Folder, string Status, string? Message, IReadOnlyList<GoldenCheck> Checks);

    public static Command Create(Terminal terminal)
    {
        var folders = new Argument<string[]>("FOLDER")
        {
            Description = "Folders with a golden.json; plain files among them are skipped, so that a shell's * can be used",
            Arity = ArgumentArity.OneOrMore,
        };
        var json = new Option<bool>("--json") { Description = "Print one JSON object" };
        var command = new TaughtCommand("verify", "Reproduce reference numerics and say how far off the largest error is",
            new("everything in a folder of goldens", "seal verify ../shared/goldens/*"),
            new("in float64, which shows whether an error is rounding", "seal verify --dtype f64 goldens/llama-tied"),
            new("for a script", "seal verify --json goldens/* | jq .passed"))
        { folders, json };
        var backend = new BackendOptions(command);
        command.SetAction(line =>
        {
            using Operators operators = backend.Open(line, terminal);
            // Libtorch cannot be held against itself: its own bf16 is told without limits.
            using Operators? yardstick = operators.Activation == DType.BF16 && operators.Name != "torch" ? GoldenVerifier.Yardstick() : null;
            var verifier = new GoldenVerifier(operators, yardstick);
            var results = new List<Verified>();
            foreach (string folder in line.GetValue(folders)!)
            {
                terminal.Cancel.ThrowIfCancellationRequested();
                results.Add(Verify(verifier, folder));
                if (!line.GetValue(json))
                    Print(terminal.Out, results[^1]);
            }
            bool passed = results.All(result => result.Status != "failed");
            if (line.GetValue(json))
                terminal.Json(new { Passed = passed, Folders = results });
            else
                terminal.Out.WriteLine($"{Count("passed")} passed, {Count("failed")} failed, {Count("skipped")} skipped");
            return passed ? ExitCode.Success : ExitCode.Failure;

            int Count(string status) => results.Count(result => result.Status == status);
        });
        return command;
    }

    private static Verified Verify(GoldenVerifier verifier, string folder)
    {
        if (File.Exists(folder))
            return new Verified(folder, "skipped", "a file, not a folder", []);
        try
        {
            IReadOnlyList<GoldenCheck> checks = verifier.Verify(folder);
            return checks.Count == 0
                ? new Verified(folder, "skipped", "no section that this program supports", [])
                : new Verified(folder, checks.All(check => check.Passed) ? "passed" : "failed", null, checks);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Goldens are other people's files: whatever one of them makes the verifier throw is that folder's failure.
            return new Verified(folder, "failed", e is SealException ? e.Message : $"{e.GetType().Name}: {e.Message}", []);
        }
    }

    private static void Print(TextWriter output, Verified result)
    {
        output.WriteLine($"{result.Folder}: {result.Status}{(result.Message is { } message ? $": {message}" : "")}");
        foreach (GoldenCheck check in result.Checks)
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {Verdict(check)}  {check.Quantity,-48} error {check.Error,-10:G3} {(check.Limit is { } limit ? $"limit {limit,-8:G3}" : "no limit      ")} ({check.Cases} compared{(check.Yardstick is { } other ? $"; libtorch {other:G3}" : "")})"));

        static string Verdict(GoldenCheck check) => !check.Passed ? "FAIL" : check.Limit is null ? "info" : "pass";
    }
}
