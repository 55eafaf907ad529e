using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Seal.Models.Benchmarks;

/// <summary>
/// glibc gives large blocks back to the system when they are freed, so libtorch, which allocates every result anew, spends much of a small
/// step on page faults. Its malloc can only be told otherwise before a process starts: so a benchmark starts itself once more.
/// </summary>
public static class TunedProcess
{
    private const string Variable = "GLIBC_TUNABLES";

    private const string Tunables =
        "glibc.malloc.hugetlb=1:glibc.malloc.mmap_max=0:glibc.malloc.trim_threshold=17179869184:glibc.malloc.top_pad=268435456";

    /// <summary>Runs this program again with the tunables, unless they are set already or there is no glibc to tune.</summary>
    /// <returns>The exit code of that run; null where the caller itself is to go on.</returns>
    public static int? Rerun(string[] args)
    {
        if (!OperatingSystem.IsLinux() || Environment.GetEnvironmentVariable(Variable) is not null || Environment.ProcessPath is not { } program)
            return null;
        var start = new ProcessStartInfo(program) { Environment = { [Variable] = Tunables } };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
            start.ArgumentList.Add(Environment.GetCommandLineArgs()[0]);
        foreach (string arg in args)
            start.ArgumentList.Add(arg);
        using Process again = Process.Start(start)!;
        // Ctrl-C reaches both, and the other ends by itself; a signal sent to this one alone must not leave the other behind.
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            again.Kill();
        });
        again.WaitForExit();
        return again.ExitCode;
    }
}
