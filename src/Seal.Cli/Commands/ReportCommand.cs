using System.CommandLine;
using Seal.Learning.Report;
using Spectre.Console;

namespace Seal.Cli.Commands;

/// <summary>A run as one page of HTML.</summary>
internal static class ReportCommand
{
    public static Command Create(Terminal terminal)
    {
        var run = new Argument<string>("RUN") { Description = "The folder of a run of `seal train`, finished or not" };
        var output = new Option<string?>("--out") { Description = "The page (default: RUN/report.html)", HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "Print one JSON object: the charts' numbers and the cost" };
        var command = new TaughtCommand("report", "Write a run as one HTML page: rewards, examples before and after, cost, settings; it needs no network and no model",
            new("a page beside the journal", "seal report runs/first"),
            new("while the run goes on, somewhere else", "seal report runs/first --out first.html"),
            new("the cost in seconds", "seal report runs/first --json | jq '[.costs[].seconds] | add'"))
        { run, output, json };
        command.SetAction(line =>
        {
            string folder = line.GetRequiredValue(run), path = line.GetValue(output) ?? Path.Combine(folder, "report.html");
            RunStory story = RunStory.Read(folder);
            HtmlReport.Write(path, story);
            if (line.GetValue(json))
                terminal.Json(new { Run = folder, Report = path, story.Finished, story.State, story.Charts, story.Costs });
            else
                Print(terminal, story, path);
        });
        return command;
    }

    private static void Print(Terminal terminal, RunStory story, string path)
    {
        terminal.Out.WriteLine(story.State);
        if (story.Charts.Count > 0)
        {
            (IReadOnlyList<string> columns, IEnumerable<string[]> rows) = ChartText.Table(story.Charts[0]);
            Table table = new Table().AddColumns([.. columns]);
            foreach (string[] row in rows)
                table.AddRow([.. row.Select(Markup.Escape)]);
            terminal.Write(table);
        }
        terminal.Out.WriteLine($"Report: {path}");
    }
}
