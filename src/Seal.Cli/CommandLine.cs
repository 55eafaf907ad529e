using System.CommandLine;
using System.CommandLine.Help;
using Seal.Cli.Commands;
using Seal.Kernels;
using Seal.Learning.Knowledge;

namespace Seal.Cli;

/// <summary>The program without its process: arguments in, texts and an exit code out.</summary>
public static class CommandLine
{
    private const string Description = """
        Teaches a language model to teach itself: it reads a text, writes its own training material about it (a self-edit), trains a LoRA adapter on that, and is examined; self-edits that helped are reinforced.

        Results go to standard output, everything else (progress, notes, errors) to standard error.

        Exit codes: 0 done; 1 a check failed, or a file or setting cannot be used; 2 wrong usage; 3 an endpoint gave no answer, run the same command again; 130 cancelled, nothing is half-written.

        Environment: SEAL_THREADS = threads that compute; SEAL_JUDGE_KEY = key of the judge's endpoint; SEAL_TRACE=1 shows where an internal error arose.
        """;

    /// <summary>Runs one command.</summary>
    /// <param name="output">Takes results.</param>
    /// <param name="error">Takes progress, notes and errors.</param>
    /// <param name="input">What is piped in, if anything is.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static int Run(string[] args, TextWriter output, TextWriter error, TextReader? input = null, CancellationToken cancel = default)
    {
        var terminal = new Terminal(output, error, input, cancel);
        int code = Run(args, terminal, output, error);
        if (terminal.Validation is { } validation)
            ValidationReport.Print(validation, error);
        return code == ExitCode.Success && terminal.Validation is { Passed: false } ? ExitCode.Failure : code;
    }

    private static int Run(string[] args, Terminal terminal, TextWriter output, TextWriter error)
    {
        try
        {
            // A text that begins with @ is a text, not the name of a file of arguments.
            ParseResult parsed = Root(terminal).Parse(args.Length == 0 ? ["--help"] : args, new ParserConfiguration { ResponseFileTokenReplacer = null });
            if (parsed.Errors.Count > 0)
                return Misused(parsed, error);
            return parsed.Invoke(new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false });
        }
        catch (SealException e)
        {
            return terminal.Fail(e.Message, ExitCode.Failure);
        }
        catch (JudgeUnavailableException e)
        {
            return terminal.Fail($"{e.Message}{terminal.HowToContinue ?? " Run again later."}", ExitCode.Unavailable);
        }
        catch (OperationCanceledException)
        {
            return terminal.Fail($"cancelled.{terminal.HowToContinue}", ExitCode.Cancelled);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return terminal.Fail(e.Message, ExitCode.Failure);
        }
        catch (Exception e)
        {
            bool trace = Environment.GetEnvironmentVariable("SEAL_TRACE") == "1";
            return terminal.Fail(
                $"internal error ({e.GetType().Name}: {e.Message}){(trace ? "\n" + e.StackTrace : "; set SEAL_TRACE=1 to see where")}", ExitCode.Failure, lines: trace);
        }
    }

    /// <summary>The tree of commands, each in a file of its own.</summary>
    private static RootCommand Root(Terminal terminal)
    {
        var root = new RootCommand(Description)
        {
            DemoCommand.Create(terminal),
            TrainCommand.Create(terminal),
            PretrainCommand.Create(terminal),
            AdaptCommand.Create(terminal),
            EvaluateCommand.Create(terminal),
            GenerateCommand.Create(terminal),
            VerifyCommand.Create(terminal),
            JournalCommand.Create(terminal),
            ReplayCommand.Create(terminal),
            ReportCommand.Create(terminal),
            DoctorCommand.Create(terminal),
            KernelsCommand.Create(terminal),
            BenchCommand.Create(terminal),
        };
        root.HelpName = "seal";
        root.Options.OfType<HelpOption>().Single().Action = new TeachingHelp();
        return root;
    }

    private static int Misused(ParseResult parsed, TextWriter error)
    {
        string command = parsed.CommandResult.Command is RootCommand ? "seal" : $"seal {parsed.CommandResult.Command.Name}";
        string[] words = parsed.Errors[0].Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        error.WriteLine($"seal: {string.Join(' ', words).TrimEnd('.')}; see `{command} --help`");
        return ExitCode.Usage;
    }
}
