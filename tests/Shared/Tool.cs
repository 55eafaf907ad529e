using System.ComponentModel;
using System.Diagnostics;

namespace Seal.Tests;

/// <summary>A program of the system, run to its end without input.</summary>
public static class Tool
{
    /// <summary>Its exit status and everything it printed; null where there is no such program.</summary>
    public static (int Exit, string Output)? Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using Process process = Process.Start(start)!;
            process.StandardInput.Close();
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output + errors.Result);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
