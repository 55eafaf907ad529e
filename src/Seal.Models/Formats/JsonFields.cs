using System.Text.Json;
using System.Text.Unicode;
using Seal.Kernels;

namespace Seal.Models.Formats;

/// <summary>
/// A JSON object of some file, read field by field. Every complaint names the file, the field with its path, and the value.
/// A field that is null counts as absent, as Hugging Face's configurations have it.
/// </summary>
internal readonly struct JsonFields
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 64 };

    private readonly JsonElement element;
    private readonly string file;
    private readonly string prefix;

    private JsonFields(JsonElement element, string file, string prefix)
    {
        this.element = element;
        this.file = file;
        this.prefix = prefix;
    }

    /// <exception cref="SealException">The file cannot be read or is not one JSON object.</exception>
    public static JsonFields Read(string path) => Parse(TextFile.ReadBytes(path), path);

    /// <exception cref="SealException">The bytes are not one JSON object without duplicate names.</exception>
    public static JsonFields Parse(ReadOnlyMemory<byte> utf8, string file)
    {
        // Text inside strings is decoded late, and would complain then.
        if (!Utf8.IsValid(utf8.Span)) throw new SealException($"{file}: not valid JSON: it is not UTF-8 text");
        try
        {
            using JsonDocument document = JsonDocument.Parse(utf8, Strict);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new SealException($"{file}: the JSON is {Describe(document.RootElement)}, expected an object");
            return new JsonFields(document.RootElement.Clone(), file, "");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new SealException($"{file}: not valid JSON: {error.Message}", error);
        }
    }

    public SealException Error(string field, string complaint) => new($"{file}: '{prefix}{field}' {complaint}");

    /// <summary>Names and values, in the file's order.</summary>
    public IEnumerable<(string Name, JsonElement Value)> Members()
    {
        foreach (JsonProperty property in element.EnumerateObject()) yield return (NameOf(property), property.Value);
    }

    /// <summary>A member as an object.</summary>
    public JsonFields ObjectOf(string name, JsonElement value) => value.ValueKind == JsonValueKind.Object
        ? new JsonFields(value, file, $"{prefix}{name}.")
        : throw Expected(name, value, "an object");

    public bool Has(string field) => Find(field) is not null;

    public JsonFields? Object(string field) => Find(field) is { } value ? ObjectOf(field, value) : null;

    public string? Text(string field) => Find(field) is { } value ? TextOf(field, value) : null;

    public string RequiredText(string field) => Text(field) ?? throw Missing(field, "a string");

    public bool Flag(string field, bool absent) => Find(field) is not { } value ? absent
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : throw Expected(field, value, "true or false");

    public int? Integer(string field) => Find(field) is { } value ? IntegerOf(field, value) : null;

    public int RequiredInteger(string field) => Integer(field) ?? throw Missing(field, "an integer");

    public double? Number(string field) => Find(field) is not { } value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number) ? number
        : throw Expected(field, value, "a number");

    public double RequiredNumber(string field) => Number(field) ?? throw Missing(field, "a number");

    /// <summary>One integer or a list of them.</summary>
    public int[]? Integers(string field)
    {
        if (Find(field) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Array) return [IntegerOf(field, value)];
        List<int> items = [];
        foreach (JsonElement item in value.EnumerateArray()) items.Add(IntegerOf($"{field}[{items.Count}]", item));
        return [.. items];
    }

    public long[] RequiredLongs(string field)
    {
        JsonElement value = RequiredArray(field);
        List<long> items = [];
        foreach (JsonElement item in value.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt64(out long integer)) throw Expected($"{field}[{items.Count}]", item, "an integer");
            items.Add(integer);
        }
        return [.. items];
    }

    /// <summary>A list of strings.</summary>
    public string[] RequiredTexts(string field)
    {
        JsonElement value = RequiredArray(field);
        List<string> items = [];
        foreach (JsonElement item in value.EnumerateArray()) items.Add(TextOf($"{field}[{items.Count}]", item));
        return [.. items];
    }

    public JsonElement? Find(string field)
    {
        if (!element.TryGetProperty(field, out JsonElement value) || value.ValueKind == JsonValueKind.Null) return null;
        return value;
    }

    /// <summary>The value as the file has it, cut to a line.</summary>
    public static string Describe(JsonElement value)
    {
        string text = value.GetRawText();
        return text.Length <= 80 ? text : text[..80] + "…";
    }

    private JsonElement RequiredArray(string field)
    {
        JsonElement value = Find(field) ?? throw Missing(field, "a list");
        return value.ValueKind == JsonValueKind.Array ? value : throw Expected(field, value, "a list");
    }

    private int IntegerOf(string field, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int integer) ? integer : throw Expected(field, value, "an integer of 32 bits");

    /// <summary>A member as a string.</summary>
    public string TextOf(string field, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String) throw Expected(field, value, "a string");
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException) // an escaped half of a surrogate pair
        {
            throw Expected(field, value, "well-formed Unicode");
        }
    }

    private string NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException error)
        {
            throw new SealException($"{file}: a name under '{prefix}' is not well-formed Unicode", error);
        }
    }

    private SealException Missing(string field, string expected) => Error(field, $"is missing, expected {expected}");

    private SealException Expected(string field, JsonElement value, string expected) => Error(field, $"is {Describe(value)}, expected {expected}");
}
