using System.Diagnostics;
using Seal.Kernels.Native;
using Seal.Tests;

namespace Seal.Cli.Tests;

/// <summary>A native run is spared libtorch: its hundreds of megabytes are not even loaded.</summary>
public class NativeOnlyTests
{
    /// <summary>The dynamic loader itself lists what a process loads, from its start to its end.</summary>
    [TestCase("native")]
    [TestCase("torch")]
    public void OnlyTheBackendAskedForIsLoaded(string backend)
    {
        if (!OperatingSystem.IsLinux())
            Assert.Ignore("not run: needs glibc's LD_DEBUG");
        if (!SealNative.TryLoad(out string trace))
            Assert.Ignore(trace);
        using var model = new TinyModel();
        using var work = new WorkFolder();
        string document = work.Write("fact.txt", "The sea is wide.");
        (int exit, string printed, string loaded) = Run(
            work, "adapt", "--model", model.Folder, "--document", document, "--out", work["adapter"], "--backend", backend, "--dtype", "f32",
            "--set", "trial.inner.lora.rank=4", "--set", "trial.inner.epochs=2", "--set", "self_edit.max_tokens=16");
        Assert.That(exit, Is.Zero, printed);
        Assert.That(loaded, Does.Contain("libcoreclr").IgnoreCase);
        Assert.That(loaded.Contains("libLibTorchSharp", StringComparison.Ordinal), Is.EqualTo(backend == "torch"), "LibTorchSharp");
        Assert.That(loaded.Contains("libtorch", StringComparison.Ordinal), Is.EqualTo(backend == "torch"), "libtorch");
        Assert.That(loaded.Contains("libseal.so", StringComparison.Ordinal), Is.EqualTo(backend == "native"), "libseal");
    }

    private static (int Exit, string Printed, string Loaded) Run(WorkFolder work, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "seal.dll"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["LD_DEBUG"] = "files", ["LD_DEBUG_OUTPUT"] = work["loader"] },
        };
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        string loaded = string.Join('\n', Directory.GetFiles(Path.GetDirectoryName(work["loader"])!, "loader.*").Select(File.ReadAllText));
        return (process.ExitCode, output + errors.Result, loaded);
    }
}
