using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Seal.Learning.Journal;
using Spectre.Console;

namespace Seal.Cli.Commands;

/// <summary>Shows what a run has done.</summary>
internal static class JournalCommand
{
    private sealed record Row(string Id, string Kind, int Round, string Title, double? Accuracy, double Seconds, JsonNode? Inputs, JsonNode? Result);

    public static Command Create(Terminal terminal)
    {
        var run = new Argument<string>("RUN") { Description = "The folder of a run" };
        var canonical = new Option<bool>("--canonical") { Description = "Sorted by id, without timings: two runs are the same when these texts are" };
        var json = new Option<bool>("--json") { Description = "Print every job with its inputs and result as JSON" };
        var command = new TaughtCommand("journal", "Show the finished jobs of a run",
            new("a table of jobs", "seal journal runs/first"),
            new("whether an interrupted and resumed run is the same as another", "diff <(seal journal --canonical runs/a) <(seal journal --canonical runs/b)"),
            new("every self-edit that was sampled", "seal journal runs/first --json | jq '.[] | select(.kind == \"sample\") | .result'"))
        { run, canonical, json };
        command.SetAction(line =>
        {
            using RunJournal journal = RunJournal.Read(line.GetRequiredValue(run));
            if (line.GetValue(canonical))
            {
                terminal.Out.Write(journal.Canonical());
                return;
            }
            List<Row> rows = [.. journal.Entries().Select(Read)
                .OrderBy(row => row.Round).ThenBy(row => row.Kind, StringComparer.Ordinal).ThenBy(row => row.Title, StringComparer.Ordinal)];
            if (line.GetValue(json))
                terminal.Json(rows);
            else
                Print(terminal, rows);
        });
        return command;
    }

    private static Row Read(JournalEntry entry)
    {
        JsonNode? inputs = JsonNode.Parse(entry.Inputs), result = JsonNode.Parse(entry.Result);
        string title = Field(inputs, "title") is JsonValue value && value.TryGetValue(out string? text) ? text : "";
        return new Row(entry.Id, entry.Kind, entry.Round, title, Accuracy(result), entry.Seconds, inputs, result);
    }

    /// <summary>Share of answers judged right, where the job sat an exam.</summary>
    private static double? Accuracy(JsonNode? result) =>
        Field(Field(result, "exam"), "answers") is JsonArray { Count: > 0 } answers
            ? answers.Average(answer => Field(answer, "correct")?.GetValue<bool>() == true ? 1.0 : 0.0)
            : null;

    private static JsonNode? Field(JsonNode? node, string name) => (node as JsonObject)?[name];

    private static void Print(Terminal terminal, List<Row> rows)
    {
        var table = new Table().AddColumns("round", "kind", "title", "accuracy", "seconds", "id");
        foreach (Row row in rows)
            table.AddRow(
                Markup.Escape(row.Round.ToString(CultureInfo.InvariantCulture)),
                Markup.Escape(row.Kind),
                Markup.Escape(row.Title),
                row.Accuracy?.ToString("P0", CultureInfo.InvariantCulture) ?? "",
                row.Seconds.ToString("F2", CultureInfo.InvariantCulture),
                row.Id[..12]);
        terminal.Write(table);
        terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{rows.Count} jobs, {rows.Sum(row => row.Seconds):F1} s"));
    }
}
