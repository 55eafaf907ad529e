using System.Text;
using System.Text.Json;
using Seal.Kernels;

namespace Seal.Learning.Knowledge;

/// <summary>
/// Reads what is to be learned: a JSON list of <c>{title, context, questions: [{question, answer}], completions?: [text]}</c>
/// (the schema of the published SQuAD and self-edit files), or one plain text or Markdown document.
/// </summary>
public static class PassageFile
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads the passages of a file; a name ending in .json is a list, any other is a document.</summary>
    /// <param name="path">The file.</param>
    /// <param name="take">Only so many from the start; all when absent.</param>
    /// <exception cref="SealException">The file cannot be read or a record is not as expected; the message names file, record, field and value.</exception>
    public static IReadOnlyList<Passage> Read(string path, int? take = null)
    {
        if (take < 1)
            throw new SealException($"{path}: cannot take {take} passages; give a number of at least 1, or none for all.");
        string text = ReadText(path);
        if (string.Equals(Path.GetExtension(path), ".json", StringComparison.OrdinalIgnoreCase))
            return ReadList(path, text, take ?? int.MaxValue);
        return [ReadDocument(path, text)];
    }

    private static string ReadText(string path)
    {
        try
        {
            byte[] bytes = File.ReadAllBytes(path);
            ReadOnlySpan<byte> content = bytes;
            if (content.StartsWith(Encoding.UTF8.Preamble))
                content = content[Encoding.UTF8.Preamble.Length..];
            return StrictUtf8.GetString(content);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException and not DecoderFallbackException)
        {
            throw new SealException($"{path}: cannot be read ({e.Message}) Give a readable .json, .md or .txt file.", e);
        }
        catch (DecoderFallbackException e)
        {
            throw new SealException($"{path}: is not UTF-8 text (byte {e.Index}). Convert it to UTF-8; PDF and office files have to be exported as text first.", e);
        }
    }

    private static List<Passage> ReadList(string path, string text, int take)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(text);
            if (json.RootElement.ValueKind != JsonValueKind.Array)
                throw new SealException($"{path}: the top level is {Kind(json.RootElement)}, expected a list of {{title, context, questions}}.");
            var passages = new List<Passage>();
            foreach (JsonElement record in json.RootElement.EnumerateArray())
            {
                if (passages.Count == take)
                    break;
                passages.Add(ReadRecord(record, $"{path}: record {passages.Count}"));
            }
            if (passages.Count == 0)
                throw new SealException($"{path}: the list is empty, expected at least one passage.");
            return passages;
        }
        catch (InvalidOperationException e)
        {
            // A field's name with an escape that is no character; in values the record is named already.
            throw new SealException($"{path}: a field's name holds an escape that is no character; remove it.", e);
        }
        catch (JsonException e)
        {
            throw new SealException($"{path}: is not valid JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}: {e.Message}", e);
        }
    }

    private static Passage ReadRecord(JsonElement record, string where)
    {
        if (record.ValueKind != JsonValueKind.Object)
            throw new SealException($"{where} is {Kind(record)}, expected an object with title, context and questions.");
        string title = Text(record, "title", where);
        string context = Text(record, "context", where);
        if (string.IsNullOrWhiteSpace(context))
            throw new SealException($"{where}, field 'context' is blank, expected the passage's text.");
        var questions = new List<Question>();
        foreach (JsonElement question in List(record, "questions", where))
        {
            string at = $"{where}, question {questions.Count}";
            if (question.ValueKind != JsonValueKind.Object)
                throw new SealException($"{at} is {Kind(question)}, expected an object with question and answer.");
            string answer = Text(question, "answer", at);
            if (string.IsNullOrWhiteSpace(answer))
                throw new SealException($"{at}, field 'answer' is blank, expected the right answer: there is no telling whether it was given.");
            questions.Add(new Question(Text(question, "question", at), answer));
        }
        var completions = new List<string>();
        foreach (JsonElement completion in List(record, "completions", where))
            completions.Add(AsText(completion, $"{where}, completion {completions.Count}"));
        return new Passage(title, context, questions) { Completions = completions };
    }

    // An absent list is an empty one: documents need no questions, and only self-edit files have completions.
    private static IEnumerable<JsonElement> List(JsonElement record, string field, string where)
    {
        if (!record.TryGetProperty(field, out JsonElement list) || list.ValueKind == JsonValueKind.Null)
            return [];
        if (list.ValueKind != JsonValueKind.Array)
            throw new SealException($"{where}, field '{field}' is {Kind(list)}, expected a list.");
        return list.EnumerateArray();
    }

    private static string Text(JsonElement record, string field, string where) =>
        record.TryGetProperty(field, out JsonElement value)
            ? AsText(value, $"{where}, field '{field}'")
            : throw new SealException($"{where} has no field '{field}', expected a text.");

    private static string AsText(JsonElement value, string where)
    {
        if (value.ValueKind != JsonValueKind.String)
            throw new SealException($"{where} is {Kind(value)}, expected a text in quotes.");
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new SealException($"{where} holds an escape that is no character (half of a surrogate pair); remove it.", e);
        }
    }

    private static string Kind(JsonElement value)
    {
        string raw = value.ValueKind is JsonValueKind.Object or JsonValueKind.Array ? value.ValueKind.ToString().ToLowerInvariant() : value.GetRawText();
        return raw.Length <= 60 ? raw : raw[..60] + "...";
    }

    private static Passage ReadDocument(string path, string text)
    {
        text = text.ReplaceLineEndings("\n").Trim();
        if (text.Length == 0)
            throw new SealException($"{path}: the document is blank, expected text to learn.");
        if (text.Contains('\0'))
            throw new SealException($"{path}: holds zero bytes, so it is not a text document. Export it as text first.");
        string name = Path.GetFileNameWithoutExtension(path);
        bool markdown = Path.GetExtension(path).ToLowerInvariant() is ".md" or ".markdown";
        return markdown ? MarkdownDocument(name, text) : new Passage(name, text, []);
    }

    // The title heads every training sequence, so a document that opens with its heading would say it twice in a row: the heading moves out.
    private static Passage MarkdownDocument(string name, string text)
    {
        bool fenced = false;
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].Trim();
            fenced ^= line.StartsWith("```", StringComparison.Ordinal);
            string heading = line.TrimStart('#');
            int depth = line.Length - heading.Length;
            if (fenced || depth is < 1 or > 6 || !heading.StartsWith(' ') || string.IsNullOrWhiteSpace(heading))
                continue;
            string title = heading.Trim().TrimEnd('#').TrimEnd();
            string rest = string.Join('\n', lines[(i + 1)..]).Trim();
            bool opens = lines[..i].All(string.IsNullOrWhiteSpace);
            return new Passage(title, opens && rest.Length > 0 ? rest : text, []);
        }
        return new Passage(name, text, []);
    }
}
