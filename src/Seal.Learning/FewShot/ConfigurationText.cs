using System.Globalization;
using System.Text.Json;
using Seal.Models.Text;

namespace Seal.Learning.FewShot;

/// <summary>
/// The self-edit's JSON: read with a reason where it is not as expected, and as a form for constrained sampling whose every text can be read.
/// </summary>
public static class ConfigurationText
{
    /// <summary>Learning rates that a self-edit may choose; above it an adapter of this kind diverges.</summary>
    public const double LeastRate = 1e-7, MostRate = 0.1;

    /// <summary>Epochs that a self-edit may choose; the steps are bounded besides.</summary>
    public const int MostEpochs = 99;

    private static readonly string[] s_data = ["use_basic_augmentations", "use_size_augmentations", "use_chain_augmentations", "use_repeat_augmentations"];

    private static readonly string[] s_strategies = ["train_using_all_tokens", "train_using_output_tokens"];

    private static readonly JsonDocumentOptions s_reading = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    /// <summary>The texts of constrained sampling: the layout that the prompt shows, with rates like 0.0005, 5e-4 or 2.5e-05 and 1 to 99 epochs.</summary>
    public static TextForm Form { get; } = TextForm.Of(Layout());

    /// <summary>A self-edit's configuration, or why there is none.</summary>
    public static (Configuration? Configuration, string? Problem) Read(string text) => Read(text, root =>
    {
        Only(root, "", "data_generation", "training");
        JsonElement data = Section(root, "data_generation"), training = Section(root, "training");
        Only(data, "data_generation.", s_data);
        bool[] flags = [.. s_data.Select(name => Flag(data, name))];
        return new Configuration(new DataGeneration(flags[0], flags[1], flags[2], flags[3]), Training(training));
    });

    /// <summary>A training part alone, or why there is none.</summary>
    public static (TrainingChoice? Training, string? Problem) ReadTraining(string text) => Read(text, Training);

    private static TrainingChoice Training(JsonElement training)
    {
        Only(training, "training.", "strategy", "learning_rate", "num_train_epochs");
        return new TrainingChoice(Strategy(training), Rate(training), Epochs(training));
    }

    private static (T? Value, string? Problem) Read<T>(string text, Func<JsonElement, T> read) where T : class
    {
        JsonElement root;
        try
        {
            using JsonDocument json = JsonDocument.Parse(text.Trim(), s_reading);
            root = json.RootElement.Clone();
        }
        catch (Exception error) when (error is JsonException or ArgumentException or InvalidOperationException)
        {
            // Invalid operation: a name with an escape that is no character.
            return (null, $"is not valid JSON: {error.Message}");
        }
        try
        {
            return (read(root), null);
        }
        catch (Unreadable problem)
        {
            return (null, problem.Message);
        }
        catch (InvalidOperationException)
        {
            return (null, "holds an escape that is no character");
        }
    }

    private static void Only(JsonElement section, string path, params string[] names)
    {
        if (section.ValueKind != JsonValueKind.Object)
            throw new Unreadable($"is {Shown(section)}, expected an object with {string.Join(" and ", names)}");
        foreach (JsonProperty field in section.EnumerateObject())
            if (!names.Contains(field.Name))
                throw new Unreadable($"field '{path}{Cut(field.Name)}' is not known; expected {string.Join(", ", names)}");
    }

    private static JsonElement Section(JsonElement root, string name) => Field(root, "", name) is { ValueKind: JsonValueKind.Object } section
        ? section
        : throw new Unreadable($"field '{name}' is {Shown(Field(root, "", name))}, expected an object");

    private static bool Flag(JsonElement data, string name) => Field(data, "data_generation.", name) is { ValueKind: JsonValueKind.True or JsonValueKind.False } flag
        ? flag.GetBoolean()
        : throw Wrong(data, "data_generation.", name, "true or false");

    private static LossScope Strategy(JsonElement training) =>
        Field(training, "training.", "strategy") is { ValueKind: JsonValueKind.String } value && Array.IndexOf(s_strategies, value.GetString()) is >= 0 and int strategy
            ? (LossScope)strategy
            : throw Wrong(training, "training.", "strategy", string.Join(" or ", s_strategies));

    private static double Rate(JsonElement training) =>
        Field(training, "training.", "learning_rate") is { ValueKind: JsonValueKind.Number } value && value.TryGetDouble(out double rate) && rate is >= LeastRate and < MostRate
            ? rate
            : throw Wrong(training, "training.", "learning_rate", string.Create(CultureInfo.InvariantCulture, $"a number from {LeastRate} up to {MostRate}"));

    private static int Epochs(JsonElement training) =>
        Field(training, "training.", "num_train_epochs") is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out int epochs) && epochs is >= 1 and <= MostEpochs
            ? epochs
            : throw Wrong(training, "training.", "num_train_epochs", $"a whole number from 1 to {MostEpochs}");

    private static JsonElement Field(JsonElement section, string path, string name) =>
        section.TryGetProperty(name, out JsonElement value) ? value : throw new Unreadable($"field '{path}{name}' is missing");

    private static Unreadable Wrong(JsonElement section, string path, string name, string expected) =>
        new($"field '{path}{name}' is {Shown(Field(section, path, name))}, expected {expected}");

    private static string Shown(JsonElement value) => Cut(value.ValueKind is JsonValueKind.Object or JsonValueKind.Array ? value.ValueKind.ToString().ToLowerInvariant() : value.GetRawText());

    private static string Cut(string text) => text.Length <= 60 ? text : text[..60] + "…";

    private static TextForm.Piece Layout()
    {
        var pieces = new List<TextForm.Piece> { TextForm.Text("{\n  \"data_generation\": {\n") };
        for (int i = 0; i < s_data.Length; i++)
        {
            pieces.Add(TextForm.Text($"    \"{s_data[i]}\": "));
            pieces.Add(TextForm.AnyOf("true", "false"));
            pieces.Add(TextForm.Text(i + 1 < s_data.Length ? ",\n" : "\n  },\n  \"training\": {\n    \"strategy\": \""));
        }
        pieces.Add(TextForm.AnyOf(s_strategies));
        pieces.Add(TextForm.Text("\",\n    \"learning_rate\": "));
        TextForm.Piece first = TextForm.Digit(least: 1), more = TextForm.Digit();
        pieces.Add(TextForm.AnyOf(
            // 0.0000001 to 0.0999
            TextForm.InOrder(TextForm.Text("0.0"), TextForm.Repeated(TextForm.Text("0"), 0, 5), first, TextForm.Repeated(more, 0, 2)),
            // 1e-7 to 9.99e-2
            TextForm.InOrder(first, TextForm.AnyOf(TextForm.Text(""), TextForm.InOrder(TextForm.Text("."), TextForm.Repeated(more, 1, 2))), TextForm.AnyOf("e-", "e-0"), TextForm.Digit(2, 7))));
        pieces.Add(TextForm.Text(",\n    \"num_train_epochs\": "));
        pieces.Add(TextForm.InOrder(first, TextForm.Repeated(more, 0, 1)));
        pieces.Add(TextForm.Text("\n  }\n}"));
        return TextForm.InOrder([.. pieces]);
    }

    private sealed class Unreadable(string problem) : Exception(problem);
}
