using System.Text.Json;
using System.Text.Json.Nodes;
using Seal.Kernels;
using Seal.Learning.Journal;

namespace Seal.Learning;

/// <summary>Settings as text: a JSON file laid over defaults, and single fields laid over both (<c>trial.inner.epochs=8</c>).</summary>
public static class SettingsText
{
    private static readonly JsonDocumentOptions s_reading = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        AllowDuplicateProperties = false,
    };

    /// <summary>Lays a JSON object over the defaults, field by field.</summary>
    /// <exception cref="SealException">It is not JSON of this form, or names an unknown field.</exception>
    public static T Merge<T>(T defaults, string json, string source)
    {
        JsonNode? overlay;
        try
        {
            overlay = JsonNode.Parse(json, documentOptions: s_reading);
        }
        catch (JsonException error)
        {
            throw new SealException($"{source}: is not JSON ({error.Message})", error);
        }
        return overlay is JsonObject fields
            ? Read<T>(Overlaid(ToObject(defaults), fields), source)
            : throw new SealException($"{source}: expected a JSON object of settings");
    }

    /// <summary>Lays one field over the settings.</summary>
    /// <param name="assignment"><c>path.to.field=value</c>; the value is JSON, or else a plain word.</param>
    /// <exception cref="SealException">There is no such field, or the value does not fit it.</exception>
    public static T Set<T>(T settings, string assignment)
    {
        int equals = assignment.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
            throw new SealException($"setting '{assignment}': expected path.to.field=value, for example trial.inner.epochs=8");
        JsonNode? value = Value(assignment[(equals + 1)..]);
        foreach (string name in assignment[..equals].Split('.').Reverse())
            value = new JsonObject { [name] = value };
        return Read<T>(Overlaid(ToObject(settings), (JsonObject)value!), $"setting '{assignment}'");
    }

    /// <summary>The settings for people to read, and for a run folder.</summary>
    public static string Write<T>(T settings) => JsonSerializer.Serialize(settings, CanonicalJson.Readable) + "\n";

    private static JsonNode? Value(string text)
    {
        try
        {
            return JsonNode.Parse(text, documentOptions: s_reading);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text); // a plain word: implications, bf16, a path
        }
    }

    private static JsonObject ToObject<T>(T settings) => JsonSerializer.SerializeToNode(settings, CanonicalJson.Options)!.AsObject();

    private static JsonObject Overlaid(JsonObject under, JsonObject over)
    {
        foreach ((string name, JsonNode? value) in over)
            under[name] = value is JsonObject inner && under[name] is JsonObject below ? Overlaid(below, inner) : value?.DeepClone();
        return under;
    }

    private static T Read<T>(JsonObject fields, string source)
    {
        try
        {
            return fields.Deserialize<T>(CanonicalJson.Options)!;
        }
        catch (JsonException error)
        {
            throw new SealException($"{source}: {error.Message}", error);
        }
    }
}
