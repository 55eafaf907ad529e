using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Seal.Cli;

/// <summary>A command line that can be copied, and what it does.</summary>
internal sealed record Example(string Does, string Line);

/// <summary>A command whose help ends in examples.</summary>
internal sealed class TaughtCommand(string name, string description, params IReadOnlyList<Example> examples) : Command(name, description)
{
    public IReadOnlyList<Example> Examples { get; } = examples;
}

/// <summary>The usual help, at a width that does not depend on the terminal, then the command's examples.</summary>
internal sealed class TeachingHelp : SynchronousCommandLineAction
{
    private const int Width = 120;

    private readonly HelpAction _usual = new() { MaxWidth = Width };

    // Help is shown however wrong the rest of the line is.
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        int code = _usual.Invoke(parseResult);
        if (parseResult.CommandResult.Command is not TaughtCommand { Examples.Count: > 0 } command)
            return code;
        TextWriter output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Examples:");
        foreach (Example example in command.Examples)
        {
            output.WriteLine($"  # {example.Does}");
            output.WriteLine($"  {example.Line}");
        }
        output.WriteLine();
        return code;
    }
}
