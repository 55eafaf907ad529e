using System.Text;
using System.Text.Json;
using Seal.Kernels;

namespace Seal.Learning.FewShot;

/// <summary>
/// Reads ARC tasks: a challenge file (<c>id → {train: [{input, output}], test: [{input}]}</c>) with a solution file beside it
/// (<c>id → [grid]</c>), or a folder with one task a file, as re-arc and the first ARC release have it (test entries with their outputs).
/// </summary>
public static class ArcTaskFile
{
    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    /// <param name="path">A challenge file, or a folder of task files (read in order of their names, which are the ids).</param>
    /// <param name="solutions">The solution file; null where the tests bring their outputs, or need none.</param>
    /// <returns>The tasks in the file's order.</returns>
    /// <exception cref="SealException">A file cannot be read, or a task is not as expected; the message names file, task, field and value.</exception>
    public static IReadOnlyList<ArcTask> Read(string path, string? solutions = null)
    {
        if (Directory.Exists(path))
            return solutions is null
                ? ReadFolder(path)
                : throw new SealException($"{solutions}: a solution file goes with a challenge file; in the folder {path} the tests bring their outputs");
        IReadOnlyList<ArcTask> tasks = Parse(path, root => root.EnumerateObject().Select(member => ReadTask(member.Name, member.Value, $"{path}: task '{member.Name}'")).ToList());
        if (tasks.Count == 0)
            throw new SealException($"{path}: holds no task, expected an object of tasks by id");
        return solutions is null ? tasks : WithSolutions(tasks, solutions);
    }

    private static IReadOnlyList<ArcTask> ReadFolder(string path)
    {
        string[] files;
        try
        {
            files = [.. Directory.EnumerateFiles(path, "*.json").Order(StringComparer.Ordinal)];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SealException($"{path}: cannot be read ({error.Message})", error);
        }
        if (files.Length == 0)
            throw new SealException($"{path}: holds no .json file, expected one task a file");
        return [.. files.Select(file => Parse(file, root => ReadTask(Path.GetFileNameWithoutExtension(file), root, $"{file}: the task")))];
    }

    private static List<ArcTask> WithSolutions(IReadOnlyList<ArcTask> tasks, string path)
    {
        Dictionary<string, Grid[]> solved = Parse(path, root => root.EnumerateObject().ToDictionary(member => member.Name, member =>
            List(member.Value, $"{path}: task '{member.Name}'").Select((grid, i) => ReadGrid(grid, $"{path}: task '{member.Name}', solution {i}")).ToArray()));
        var result = new List<ArcTask>();
        foreach (ArcTask task in tasks)
        {
            if (!solved.TryGetValue(task.Id, out Grid[]? grids))
                throw new SealException($"{path}: task '{task.Id}' is missing, expected a list of {task.Tests.Count} grids");
            if (grids.Length != task.Tests.Count)
                throw new SealException($"{path}: task '{task.Id}' has {grids.Length} solutions, expected one for each of its {task.Tests.Count} test inputs");
            result.Add(new ArcTask(task.Id, task.Demonstrations, [.. task.Tests.Zip(grids, (test, grid) => test with { Output = grid })]));
        }
        return result;
    }

    private static ArcTask ReadTask(string id, JsonElement task, string where)
    {
        if (id.Length == 0)
            throw new SealException($"{where}: the id is empty, expected a name");
        if (task.ValueKind != JsonValueKind.Object)
            throw new SealException($"{where} is {Shown(task)}, expected an object with train and test");
        var demonstrations = new List<Pair>();
        foreach (JsonElement pair in NotEmpty(Field(task, "train", where), $"{where}, field 'train'", "demonstration"))
        {
            string at = $"{where}, train {demonstrations.Count}";
            demonstrations.Add(new Pair(ReadGrid(Field(pair, "input", at), $"{at}, field 'input'"), ReadGrid(Field(pair, "output", at), $"{at}, field 'output'")));
        }
        var tests = new List<TestInput>();
        foreach (JsonElement test in NotEmpty(Field(task, "test", where), $"{where}, field 'test'", "test input"))
        {
            string at = $"{where}, test {tests.Count}";
            Grid input = ReadGrid(Field(test, "input", at), $"{at}, field 'input'");
            tests.Add(new TestInput(input, test.TryGetProperty("output", out JsonElement output) ? ReadGrid(output, $"{at}, field 'output'") : null));
        }
        return new ArcTask(id, demonstrations, tests);
    }

    private static Grid ReadGrid(JsonElement grid, string where)
    {
        var cells = new List<int>();
        int rows = 0, columns = 0;
        foreach (JsonElement row in NotEmpty(grid, where, "row"))
        {
            int before = cells.Count;
            foreach (JsonElement cell in NotEmpty(row, $"{where}, row {rows}", "cell"))
                cells.Add(cell.ValueKind == JsonValueKind.Number && cell.TryGetInt32(out int colour) && colour is >= 0 and < Grid.Colours
                    ? colour
                    : throw new SealException($"{where}, row {rows}, cell {cells.Count - before} is {Shown(cell)}, expected a colour from 0 to 9"));
            if (rows > 0 && cells.Count - before != columns)
                throw new SealException($"{where}, row {rows} has {cells.Count - before} cells, row 0 has {columns}; expected rows of one length");
            columns = cells.Count - before;
            if (++rows > Grid.MaxSide || columns > Grid.MaxSide)
                throw new SealException($"{where} has {(columns > Grid.MaxSide ? $"{columns} columns" : $"more than {Grid.MaxSide} rows")}, expected sides of 1 to {Grid.MaxSide}");
        }
        return new Grid(rows, columns, [.. cells]);
    }

    private static JsonElement Field(JsonElement element, string name, string where)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw new SealException($"{where} is {Shown(element)}, expected an object with '{name}'");
        return element.TryGetProperty(name, out JsonElement value) ? value : throw new SealException($"{where} has no field '{name}'");
    }

    private static IEnumerable<JsonElement> List(JsonElement list, string where) => list.ValueKind == JsonValueKind.Array
        ? list.EnumerateArray()
        : throw new SealException($"{where} is {Shown(list)}, expected a list");

    private static IEnumerable<JsonElement> NotEmpty(JsonElement list, string where, string item)
    {
        IEnumerable<JsonElement> items = List(list, where);
        return list.GetArrayLength() > 0 ? items : throw new SealException($"{where} is empty, expected at least one {item}");
    }

    private static string Shown(JsonElement value)
    {
        string text = value.ValueKind is JsonValueKind.Object or JsonValueKind.Array ? value.ValueKind.ToString().ToLowerInvariant() : value.GetRawText();
        return text.Length <= 60 ? text : text[..60] + "…";
    }

    private static T Parse<T>(string path, Func<JsonElement, T> read)
    {
        try
        {
            string text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(WithoutMark(File.ReadAllBytes(path)));
            using JsonDocument json = JsonDocument.Parse(text, s_strict);
            return json.RootElement.ValueKind == JsonValueKind.Object
                ? read(json.RootElement)
                : throw new SealException($"{path}: the top level is {Shown(json.RootElement)}, expected an object");
        }
        catch (JsonException error)
        {
            throw new SealException($"{path}: is not valid JSON: {error.Message}", error);
        }
        catch (InvalidOperationException error)
        {
            throw new SealException($"{path}: a name holds an escape that is no character; remove it", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new SealException($"{path}: cannot be read ({error.Message}); expected ARC tasks as JSON in UTF-8", error);
        }
    }

    private static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith(Encoding.UTF8.Preamble) ? bytes[Encoding.UTF8.Preamble.Length..] : bytes;
}
