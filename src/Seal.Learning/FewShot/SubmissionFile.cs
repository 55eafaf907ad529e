using System.Globalization;
using System.Text;
using System.Text.Json;
using Seal.Kernels;
using Seal.Models.Formats;

namespace Seal.Learning.FewShot;

/// <summary>The two attempts at one test input.</summary>
public sealed record Attempts(Grid First, Grid Second)
{
    /// <summary>Handed in where a model gave no answer.</summary>
    public static Attempts None { get; } = new(Grid.Of(1, 1, (_, _) => 0), Grid.Of(1, 1, (_, _) => 0));

    public bool Solve(Grid output) => First.Equals(output) || Second.Equals(output);

    /// <summary>Both, one below the other, with a blank line between.</summary>
    public string Text() => $"{GridText.Write(First)}\n\n{GridText.Write(Second)}";

    /// <summary>What <see cref="Text"/> wrote.</summary>
    public static Attempts Read(string text)
    {
        Grid[] grids = [.. text.Split("\n\n").Select(GridText.ReadAsPublished).OfType<Grid>()];
        return grids is [Grid first, Grid second] ? new Attempts(first, second) : throw new SealException($"attempts '{text}' are not two grids with a blank line between; the journal was changed");
    }
}

/// <summary>The files that ARC's scoring reads, and the published verdicts.</summary>
public static class SubmissionFile
{
    /// <summary><c>id → [{"attempt_1": grid, "attempt_2": grid}, …]</c>, one a test input, in order; whole or not at all.</summary>
    public static void Write(string path, IEnumerable<(string Id, IReadOnlyList<Attempts> Attempts)> tasks) => AtomicFile.WriteText(path, Text(tasks));

    /// <inheritdoc cref="Write"/>
    public static string Text(IEnumerable<(string Id, IReadOnlyList<Attempts> Attempts)> tasks) =>
        $"{{{string.Join(", ", tasks.Select(task => $"{Quoted(task.Id)}: [{string.Join(", ", task.Attempts.Select(Entry))}]"))}}}";

    /// <summary>The published verdicts: <c>self-edit → {"task_id": {row: id}, "correct": {row: bool}}</c>.</summary>
    /// <param name="selfEdits">For each self-edit index, the tasks with their verdicts.</param>
    public static void WriteVerdicts(string path, IEnumerable<IReadOnlyList<(string Id, bool Correct)>> selfEdits) => AtomicFile.WriteText(path, Verdicts(selfEdits));

    /// <inheritdoc cref="WriteVerdicts"/>
    public static string Verdicts(IEnumerable<IReadOnlyList<(string Id, bool Correct)>> selfEdits) =>
        $"{{{string.Join(", ", selfEdits.Select((tasks, index) => $"\"{index}\": {{\"task_id\": {{{Rows(tasks, task => Quoted(task.Id))}}}, \"correct\": {{{Rows(tasks, task => task.Correct ? "true" : "false")}}}}}"))}}}";

    private static string Rows(IReadOnlyList<(string Id, bool Correct)> tasks, Func<(string Id, bool Correct), string> value) =>
        string.Join(", ", tasks.Select((task, row) => $"\"{row}\": {value(task)}"));

    private static string Entry(Attempts attempts) => $"{{\"attempt_1\": {Json(attempts.First)}, \"attempt_2\": {Json(attempts.Second)}}}";

    private static string Quoted(string text) => JsonSerializer.Serialize(text);

    private static string Json(Grid grid)
    {
        var text = new StringBuilder("[");
        for (int r = 0; r < grid.Rows; r++)
            text.Append(r == 0 ? "[" : ", [").AppendJoin(", ", grid.Row(r).ToArray().Select(cell => cell.ToString(CultureInfo.InvariantCulture))).Append(']');
        return text.Append(']').ToString();
    }
}
