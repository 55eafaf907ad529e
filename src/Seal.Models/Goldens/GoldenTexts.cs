using System.Text.Json;
using Seal.Kernels;
using Seal.Models.Formats;
using Seal.Models.Text;

namespace Seal.Models.Goldens;

/// <summary>The sections of a golden folder that need no arithmetic of ours: tokenizer, chat template, dequantisation.</summary>
internal static class GoldenTexts
{
    private const double Dequantized = 1e-6;

    public static IEnumerable<GoldenCheck> Verify(string folder, Golden golden)
    {
        if (golden.Tokenizer is { Count: > 0 } texts)
            yield return Tokenize(folder, golden, texts);
        if (golden.Chat is { Count: > 0 } chats)
            yield return Render(folder, golden, chats);
        if (golden.Dequantize is { } dequantize)
            foreach (GoldenCheck check in Dequantize(folder, dequantize))
                yield return check;
    }

    private static GoldenCheck Tokenize(string folder, Golden golden, IReadOnlyList<GoldenText> texts)
    {
        Tokenizer tokenizer;
        if (golden.TokenizerFile is { } file)
        {
            string path = Path.Combine(folder, file);
            tokenizer = Tokenizer.FromJson(File.ReadAllText(path), null, path);
        }
        else
        {
            using ModelFile model = ModelFile.Open(Path.GetFullPath(Path.Combine(folder, golden.Model
                ?? throw new SealException($"{folder}/golden.json: section tokenizer needs tokenizer_file or model"))));
            tokenizer = Tokenizer.From(model.Tokenizer);
        }
        int wrong = texts.Count(text => !tokenizer.Encode(text.Text).AsSpan().SequenceEqual(text.Ids) || tokenizer.Decode(text.Ids) != text.Decoded);
        return new GoldenCheck("tokenizer texts that differ", wrong, 0, texts.Count);
    }

    private static GoldenCheck Render(string folder, Golden golden, IReadOnlyList<Dictionary<string, JsonElement>> chats)
    {
        string source = golden.ChatTemplate ?? ModelTemplate(folder, golden);
        ChatTemplate template = ChatTemplate.Parse(source, folder);
        int wrong = chats.Count(chat => !RendersAsGolden(template, chat));
        return new GoldenCheck("chat renderings that differ", wrong, 0, chats.Count);
    }

    private static string ModelTemplate(string folder, Golden golden)
    {
        using ModelFile model = ModelFile.Open(Path.GetFullPath(Path.Combine(folder, golden.Model
            ?? throw new SealException($"{folder}/golden.json: section chat needs chat_template or model"))));
        return model.ChatTemplate ?? throw new SealException($"{model.Path}: has no chat template to verify");
    }

    private static bool RendersAsGolden(ChatTemplate template, Dictionary<string, JsonElement> chat)
    {
        Dictionary<string, object?> variables = chat
            .Where(pair => pair.Key is not ("text" or "error"))
            .ToDictionary(pair => pair.Key, pair => Plain(pair.Value));
        try
        {
            return template.Render(variables) is var text && chat.TryGetValue("text", out JsonElement wanted) && wanted.GetString() == text;
        }
        catch (SealException error)
        {
            return chat.TryGetValue("error", out JsonElement wanted) && error.Message.EndsWith(": " + wanted.GetString(), StringComparison.Ordinal);
        }
    }

    private static object? Plain(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => element.GetString(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => element.TryGetInt64(out long integer) ? integer : element.GetDouble(),
        JsonValueKind.Array => element.EnumerateArray().Select(Plain).ToList(),
        JsonValueKind.Object => element.EnumerateObject().ToDictionary(property => property.Name, property => Plain(property.Value)),
        _ => null,
    };

    private static IEnumerable<GoldenCheck> Dequantize(string folder, GoldenDequantize golden)
    {
        using SafetensorsFile expected = SafetensorsFile.Open(Path.Combine(folder, golden.Expected));
        using GgufFile file = GgufFile.Open(Path.Combine(folder, golden.Gguf));
        foreach (string name in expected.Tensors.Keys.Order(StringComparer.Ordinal))
        {
            StoredTensor wantedTensor = expected.Tensor(name), tensor = file.Tensor(name);
            float[] wanted = new float[wantedTensor.Count], actual = new float[wanted.Length];
            wantedTensor.ReadFloat32(wanted);
            tensor.ReadFloat32(actual);
            double largest = 0;
            for (int i = 0; i < wanted.Length; i++)
                largest = Math.Max(largest, Math.Abs(actual[i] - wanted[i]) / Math.Max(Math.Abs(wanted[i]), 1e-6));
            yield return new GoldenCheck($"dequantize {name} (relative)", largest, Dequantized, wanted.Length);
        }
    }
}
