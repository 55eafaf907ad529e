using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Seal.Kernels;

namespace Seal.Learning.Knowledge;

/// <summary>
/// JSON as the published files have it, byte for byte: snake_case names, two spaces, non-ASCII kept, and numbers as Python prints them (0.0, 1e-05).
/// </summary>
internal static class PublishedJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        NewLine = "\n",
        Encoder = new PlainEncoder(),
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        Converters = { new PythonDouble() },
    };

    public static string Serialize<T>(T value) => JsonSerializer.Serialize(value, Options);

    /// <summary>A text as a JSON string with its quotes.</summary>
    public static string Quote(string text) => JsonSerializer.Serialize(text, Options);

    /// <exception cref="SealException">The file cannot be read or lacks a field; the message names both.</exception>
    public static T Read<T>(string path, string expected)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllBytes(path), Options)
                ?? throw new SealException($"{path}: holds null, expected {expected}.");
        }
        catch (JsonException e)
        {
            throw new SealException($"{path}: is not {expected}: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SealException($"{path}: cannot be read ({e.Message}) Expected {expected}.", e);
        }
    }

    private sealed class PythonDouble : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => reader.GetDouble();

        // Both print the shortest digits that give the same double back; Python adds ".0" to whole numbers and prints a small e.
        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (!double.IsFinite(value))
                throw new SealException($"a statistic is {value}: there was nothing to average. Check that every passage has questions and candidates.");
            string shortest = value.ToString("R", CultureInfo.InvariantCulture);
            if (shortest.Contains('E'))
                writer.WriteRawValue(shortest.Replace('E', 'e'));
            else if (shortest.Contains('.'))
                writer.WriteNumberValue(value);
            else
                // A decimal keeps its zeros, and unlike a raw value it is indented inside a list.
                writer.WriteNumberValue(decimal.Parse(shortest + ".0", CultureInfo.InvariantCulture));
        }
    }

    // Escapes only what JSON demands; the framework's encoders also escape what lies beyond the basic plane.
    private sealed unsafe class PlainEncoder : JavaScriptEncoder
    {
        public override int MaxOutputCharactersPerInputCharacter => 6;

        public override bool WillEncode(int unicodeScalar) => unicodeScalar is < 0x20 or '"' or '\\';

        public override int FindFirstCharacterToEncode(char* text, int textLength) =>
            new ReadOnlySpan<char>(text, textLength).IndexOfAny(NeedsEscape);

        public override bool TryEncodeUnicodeScalar(int unicodeScalar, char* buffer, int bufferLength, out int numberOfCharactersWritten)
        {
            string escaped = unicodeScalar switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\b' => "\\b",
                '\f' => "\\f",
                _ => $"\\u{unicodeScalar:x4}",
            };
            bool fits = escaped.AsSpan().TryCopyTo(new Span<char>(buffer, bufferLength));
            numberOfCharactersWritten = fits ? escaped.Length : 0;
            return fits;
        }

        private static readonly System.Buffers.SearchValues<char> NeedsEscape =
            System.Buffers.SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(c => (char)c), '"', '\\']);
    }
}
