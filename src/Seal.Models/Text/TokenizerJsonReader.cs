using System.Text.Json;
using Seal.Kernels;

namespace Seal.Models.Text;

/// <summary>Reads Hugging Face's tokenizer.json, as far as byte-level BPE goes; any other component is an error that names it.</summary>
/// <remarks>The post-processor is not read: it adds special tokens and offsets, which <see cref="Tokenizer.Encode"/> does not give.</remarks>
internal sealed class TokenizerJsonReader
{
    private readonly string _path;

    private TokenizerJsonReader(string path) => _path = path;

    public static TokenizerParts Read(string json, string? configJson, string path)
    {
        TokenizerJsonReader reader = new(path);
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            using JsonDocument? config = configJson is null ? null : JsonDocument.Parse(configJson);
            return reader.Parts(document.RootElement, config?.RootElement);
        }
        catch (JsonException error)
        {
            throw new SealException($"{path}: not a JSON text ({error.Message}); is the file complete?", error);
        }
        catch (InvalidOperationException error)
        {
            // JsonElement's way to say that a value is of another kind than asked for.
            throw new SealException($"{path}: a field has a value of an unexpected kind ({error.Message})", error);
        }
    }

    private TokenizerParts Parts(JsonElement root, JsonElement? config)
    {
        JsonElement model = Field(root, "model", "");
        CheckModel(model);
        Dictionary<string, int> vocabulary = new();
        foreach (JsonProperty entry in Field(model, "vocab", "model.").EnumerateObject())
            vocabulary[entry.Name] = entry.Value.TryGetInt32(out int id) && id is >= 0 and < TokenizerParts.MostTokens
                ? id
                : throw Bad($"model.vocab[\"{entry.Name}\"]", entry.Value, $"a number from 0 to {TokenizerParts.MostTokens - 1}");

        AddedToken[] added = Optional(root, "added_tokens") is { } tokens
            ? [.. tokens.EnumerateArray().Select((token, i) => Added(token, i, vocabulary)).Where(token => token.Content.Length > 0)]
            : [];
        CheckDecoder(Optional(root, "decoder"));
        List<PreTokenizer> steps = [];
        AddSteps(Optional(root, "pre_tokenizer"), "pre_tokenizer", steps);
        return new TokenizerParts(
            vocabulary,
            [.. Field(model, "merges", "model.").EnumerateArray().Select(Merge)],
            $"{_path}: model.merges",
            Flag(model, "ignore_merges"),
            HasNfc(Optional(root, "normalizer"), "normalizer"),
            steps,
            added,
            Named("bos_token"),
            Named("eos_token"));

        int? Named(string field)
        {
            if (config is null || Optional(config.Value, field) is not { } value)
                return null;
            string name = (value.ValueKind == JsonValueKind.Object ? Field(value, "content", field + ".") : value).GetString()!;
            return added.FirstOrDefault(token => token.Content == name)?.Id
                ?? (vocabulary.TryGetValue(name, out int id) ? id : null);
        }
    }

    private void CheckModel(JsonElement model)
    {
        // Files from before 2021 have no model.type; then vocab and merges make it BPE.
        if (Optional(model, "type") is { } type && type.GetString() != "BPE")
            throw Bad("model.type", type, "BPE, the only one supported");
        foreach (string field in (string[])["continuing_subword_prefix", "end_of_word_suffix"])
            if (Optional(model, field) is { } affix && affix.GetString() != "")
                throw Bad("model." + field, affix, "none, as in every byte-level vocabulary");
        if (Optional(model, "dropout") is { } dropout && dropout.GetDouble() != 0)
            throw Bad("model.dropout", dropout, "none: encoding must not be random");
        if (Flag(model, "byte_fallback"))
            throw Bad("model.byte_fallback", model.GetProperty("byte_fallback"), "false: byte-level vocabularies need no fallback");
    }

    private AddedToken Added(JsonElement token, int index, Dictionary<string, int> vocabulary)
    {
        string where = $"added_tokens[{index}].";
        string content = Field(token, "content", where).GetString()!;
        JsonElement number = Field(token, "id", where);
        if (!number.TryGetInt32(out int id) || id is < 0 or >= TokenizerParts.MostTokens)
            throw Bad(where + "id", number, $"a number from 0 to {TokenizerParts.MostTokens - 1}");
        // A token that is in the model's vocabulary keeps the id that it has there.
        return new AddedToken(vocabulary.GetValueOrDefault(content, id), content,
            Flag(token, "single_word"), Flag(token, "lstrip"), Flag(token, "rstrip"), Flag(token, "normalized"), Flag(token, "special"));
    }

    private (string, string) Merge(JsonElement merge, int rank)
    {
        if (merge.ValueKind == JsonValueKind.Array && merge.GetArrayLength() == 2)
            return (merge[0].GetString()!, merge[1].GetString()!);
        if (merge.ValueKind == JsonValueKind.String && merge.GetString()!.Split(' ') is [var left, var right])
            return (left, right);
        throw Bad($"model.merges[{rank}]", merge, "two tokens, as [\"a\", \"b\"] or \"a b\"");
    }

    private bool HasNfc(JsonElement? normalizer, string where)
    {
        if (normalizer is not { } some)
            return false;
        JsonElement type = Field(some, "type", where + ".");
        return type.GetString() switch
        {
            "NFC" => true,
            "Sequence" => Field(some, "normalizers", where + ".").EnumerateArray()
                .Select((part, i) => HasNfc(part, $"{where}.normalizers[{i}]")).ToArray().Contains(true),
            _ => throw Bad(where + ".type", type, "NFC, Sequence or no normalizer"),
        };
    }

    private void CheckDecoder(JsonElement? decoder)
    {
        if (decoder is not { } some || Field(some, "type", "decoder.").GetString() != "ByteLevel")
            throw Bad("decoder", decoder, "ByteLevel");
    }

    private void AddSteps(JsonElement? preTokenizer, string where, List<PreTokenizer> steps)
    {
        if (preTokenizer is not { } some)
            throw Bad(where, null, "Sequence, Split, Digits or ByteLevel");
        JsonElement type = Field(some, "type", where + ".");
        switch (type.GetString())
        {
            case "Sequence":
                int index = 0;
                foreach (JsonElement part in Field(some, "pretokenizers", where + ".").EnumerateArray())
                    AddSteps(part, $"{where}.pretokenizers[{index++}]", steps);
                break;
            case "Digits":
                steps.Add(new DigitsPieces(Flag(some, "individual_digits")));
                break;
            case "ByteLevel":
                bool prefix = Flag(some, "add_prefix_space");
                steps.Add(Optional(some, "use_regex") is { ValueKind: JsonValueKind.False } ? new WholePieces(prefix) : new Gpt2Pieces(prefix));
                break;
            case "Split":
                steps.Add(Split(some, where));
                break;
            default:
                throw Bad(where + ".type", type, "Sequence, Split, Digits or ByteLevel");
        }
    }

    private PreTokenizer Split(JsonElement split, string where)
    {
        JsonElement behavior = Field(split, "behavior", where + ".");
        // All the known patterns match every character, so the other behaviors would not mean the same.
        if (behavior.GetString() != "Isolated" || Flag(split, "invert"))
            throw Bad(where + ".behavior", behavior, "Isolated, without invert");
        JsonElement pattern = Field(split, "pattern", where + ".");
        return (Optional(pattern, "Regex")?.GetString()) switch
        {
            LlamaPieces.LlamaPattern => new LlamaPieces(digits: 3),
            LlamaPieces.QwenPattern => new LlamaPieces(digits: 1),
            Gpt2Pieces.Pattern => new Gpt2Pieces(addsPrefixSpace: false),
            _ => throw Bad(where + ".pattern", pattern, "the pattern of GPT-2, Llama 3 or Qwen2, character by character"),
        };
    }

    private JsonElement Field(JsonElement parent, string name, string where) =>
        Optional(parent, name) ?? throw new SealException($"{_path}: {where}{name} is missing");

    private static JsonElement? Optional(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static bool Flag(JsonElement parent, string name) => Optional(parent, name)?.GetBoolean() ?? false;

    private SealException Bad(string field, JsonElement? value, string expected)
    {
        string text = value?.GetRawText() ?? "null";
        return new SealException($"{_path}: {field} is {(text.Length > 200 ? text[..200] + "…" : text)}; expected {expected}");
    }
}
