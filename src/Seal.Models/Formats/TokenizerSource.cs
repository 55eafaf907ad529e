namespace Seal.Models.Formats;

/// <summary>What a tokenizer is built from, as the model's files hold it.</summary>
public abstract record TokenizerSource
{
    /// <summary>The file it comes from, for messages.</summary>
    public required string Path { get; init; }
}

/// <summary>Hugging Face's files.</summary>
/// <param name="Json">The text of tokenizer.json.</param>
/// <param name="ConfigJson">The text of tokenizer_config.json, where there is one.</param>
public sealed record TokenizerJson(string Json, string? ConfigJson) : TokenizerSource;

/// <summary>The vocabulary in a GGUF file's metadata (keys tokenizer.ggml.*).</summary>
/// <param name="Model">"gpt2" for byte-level BPE.</param>
/// <param name="Pre">How text is split before merging: "smollm", "llama-bpe", "qwen2", "gpt-2", ...; "default" where the file does not say.</param>
/// <param name="Tokens">Token texts by id, in the byte-level alphabet.</param>
/// <param name="TokenTypes">By id: 1 normal, 2 unknown, 3 control, 4 user defined, 5 unused, 6 byte.</param>
/// <param name="Merges">"left right", first to be merged first; empty where the model has none.</param>
/// <param name="AddBos">A text begins with <paramref name="BosId"/>.</param>
public sealed record GgufVocabulary(
    string Model, string Pre, string[] Tokens, int[] TokenTypes, string[] Merges, int? BosId, int? EosId, bool AddBos) : TokenizerSource;
