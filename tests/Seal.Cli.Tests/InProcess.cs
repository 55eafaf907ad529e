using System.Text.Json.Nodes;

namespace Seal.Cli.Tests;

/// <summary>What a command printed and how it ended.</summary>
internal sealed record Ran(int Exit, string Out, string Error)
{
    public JsonNode Json => JsonNode.Parse(Out)!;
}

/// <summary>Runs the program in this process.</summary>
internal static class InProcess
{
    public static Ran RunSeal(params string[] args) => RunSeal(null, default, args);

    public static Ran RunSeal(string? input, CancellationToken cancel, params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int exit = CommandLine.Run(args, output, error, input is null ? null : new StringReader(input), cancel);
        return new Ran(exit, output.ToString(), error.ToString());
    }
}
