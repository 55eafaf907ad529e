using System.Security.Cryptography;
using System.Text.Json;
using Seal.Kernels;

namespace Seal.Models.Formats;

/// <summary>A Hugging Face folder: config.json, model.safetensors whole or in shards, and, where they are there, the tokenizer's files.</summary>
public sealed class HuggingFaceFolder : ModelFile
{
    private readonly SafetensorsShards shards;
    private readonly TokenizerJson? tokenizer;

    private HuggingFaceFolder(string folder, SafetensorsShards shards) : base(folder)
    {
        this.shards = shards;
        string? tokenizerConfig = TextFile.ReadIfThere(In("tokenizer_config.json"));
        if (TextFile.ReadIfThere(In("tokenizer.json")) is { } json) tokenizer = new TokenizerJson(json, tokenizerConfig) { Path = In("tokenizer.json") };
        ChatTemplate = TextFile.ReadIfThere(In("chat_template.jinja")) ?? TemplateIn(tokenizerConfig, In("tokenizer_config.json"));
        Fill(HuggingFaceConfig.Read(folder), shards.Tensors);
    }

    public override TokenizerSource Tokenizer => tokenizer ?? throw new SealException($"{Path}: no tokenizer.json in it; fetch it from where the model comes from");

    /// <exception cref="SealException">A file is missing, malformed, or asks for what is not supported.</exception>
    public static new HuggingFaceFolder Open(string folder)
    {
        SafetensorsShards shards = SafetensorsShards.Open(folder);
        try
        {
            return new HuggingFaceFolder(folder, shards);
        }
        catch
        {
            shards.Dispose();
            throw;
        }
    }

    public override void Dispose() => shards.Dispose();

    private protected override void AppendWeights(IncrementalHash hash) => shards.AppendTo(hash);

    private string In(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>One template, or a list of named ones, of which the one called "default" counts.</summary>
    private static string? TemplateIn(string? tokenizerConfig, string path)
    {
        if (tokenizerConfig is null) return null;
        JsonFields fields = JsonFields.Parse(System.Text.Encoding.UTF8.GetBytes(tokenizerConfig), path);
        if (fields.Find("chat_template") is not { ValueKind: JsonValueKind.Array } list) return fields.Text("chat_template");
        foreach (JsonElement item in list.EnumerateArray())
        {
            JsonFields named = fields.ObjectOf("chat_template[]", item);
            if (named.Text("name") == "default") return named.RequiredText("template");
        }
        return null;
    }
}
