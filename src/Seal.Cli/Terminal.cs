using System.Text.Json;
using Seal.Kernels;
using Seal.Learning.Journal;
using Spectre.Console;

namespace Seal.Cli;

/// <summary>Where a command reads and writes. Results go to <see cref="Out"/> alone, so that it can be piped; all else to <see cref="Error"/>.</summary>
internal sealed class Terminal(TextWriter output, TextWriter error, TextReader? input, CancellationToken cancel)
{
    private const int RedirectedWidth = 200; // nothing wraps in a file

    public TextWriter Out => output;

    public TextWriter Error => error;

    /// <summary>What is piped in; null when nothing is.</summary>
    public TextReader? Input => input;

    public CancellationToken Cancel => cancel;

    /// <summary>Where <c>--validate</c> keeps what it compares, for the end of the command.</summary>
    public ValidatingOperators? Validation { get; set; }

    /// <summary>Said when a command that keeps what it has finished is interrupted.</summary>
    public string? HowToContinue { get; private set; }

    /// <summary>From here on, finished work is kept in a run folder.</summary>
    /// <param name="hint">What to add to the same line to find it again; empty for nothing.</param>
    public void KeepsWork(string hint = "") => HowToContinue = $" What was finished is kept: run again to continue{(hint.Length > 0 ? $", with {hint}" : "")}.";

    /// <summary>Whether somebody watches standard error.</summary>
    public bool Watched => ReferenceEquals(error, Console.Error) && !Console.IsErrorRedirected;

    /// <summary>Standard output where it is a terminal with colours; null elsewhere.</summary>
    public IAnsiConsole? Coloured =>
        ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.ColorSystem != ColorSystem.NoColors ? AnsiConsole.Console : null;

    /// <summary>Something worth knowing that is no result.</summary>
    public void Note(string text) => error.WriteLine($"seal: note: {text}");

    /// <summary>Says in one line why the command ends.</summary>
    public int Fail(string message, int code, bool lines = false)
    {
        error.WriteLine($"seal: {(lines ? message : message.ReplaceLineEndings(" "))}");
        return code;
    }

    /// <summary>A result for scripts.</summary>
    public void Json<T>(T value) => output.WriteLine(JsonSerializer.Serialize(value, CanonicalJson.Readable));

    /// <summary>A result for people: lined on a terminal, Markdown in a file.</summary>
    public void Write(Table table)
    {
        if (ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected)
            AnsiConsole.Write(table.RoundedBorder());
        else
            WriteMarkdown(table, output);
    }

    /// <summary>A table as Markdown, wherever it goes.</summary>
    public static void WriteMarkdown(Table table, TextWriter writer)
    {
        using var text = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(text),
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
        });
        console.Profile.Width = RedirectedWidth;
        console.Write(table.MarkdownBorder());
        // Every line comes padded to the table's width, the blank ones around it too.
        foreach (string line in text.ToString().Split('\n').Select(line => line.TrimEnd()).Where(line => line.Length > 0))
            writer.WriteLine(line);
    }

    /// <summary>Runs work that reports how far it is.</summary>
    public T Watch<T>(Func<Meter, T> work)
    {
        if (!Watched)
            return work(new LineMeter(error));
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) });
        return console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context => work(new BarMeter(context)));
    }
}
