using Seal.Kernels;

namespace Seal.Models.Formats;

/// <summary>A model's configuration out of a GGUF file's metadata (keys under the architecture's name) and tensor shapes.</summary>
internal static class GgufConfig
{
    /// <exception cref="SealException">A key is missing, malformed or asks for something else than these families compute.</exception>
    public static ModelConfig Read(GgufFile file)
    {
        GgufMetadata metadata = file.Metadata;
        string architecture = metadata.RequiredText("general.architecture");
        ModelFamily family = FamilyOf(metadata, architecture);
        RefuseWhatIsNotComputed(metadata, architecture);
        int hidden = metadata.RequiredInteger(Key("embedding_length")), heads = metadata.RequiredInteger(Key("attention.head_count"));
        return new ModelConfig
        {
            Family = family,
            Layers = metadata.RequiredInteger(Key("block_count")),
            Hidden = hidden,
            Intermediate = metadata.RequiredInteger(Key("feed_forward_length")),
            Heads = heads,
            KvHeads = metadata.Integer(Key("attention.head_count_kv")) ?? heads,
            HeadDim = HeadDim(metadata, architecture, hidden, heads),
            Vocabulary = Vocabulary(file, architecture),
            MaxPositions = metadata.RequiredInteger(Key("context_length")),
            RmsNormEps = metadata.RequiredNumber(Key("attention.layer_norm_rms_epsilon")),
            RopeTheta = metadata.Number(Key("rope.freq_base")) ?? 10000,
            TiedEmbedding = !file.TensorNames.Contains("output.weight"),
            QkvBias = family == ModelFamily.Qwen2,
            QkNorm = family == ModelFamily.Qwen3,
            EosTokenIds = EndTokens(metadata),
            BosTokenId = metadata.Integer("tokenizer.ggml.bos_token_id"),
        }.Validated(file.Path);

        string Key(string name) => $"{architecture}.{name}";
    }

    private static ModelFamily FamilyOf(GgufMetadata metadata, string architecture) => architecture switch
    {
        "llama" => ModelFamily.Llama,
        "qwen2" => ModelFamily.Qwen2,
        "qwen3" => ModelFamily.Qwen3,
        _ => throw metadata.Error("general.architecture", $"is '{architecture}', expected 'llama', 'qwen2' or 'qwen3'"),
    };

    private static void RefuseWhatIsNotComputed(GgufMetadata metadata, string architecture)
    {
        string scaling = $"{architecture}.rope.scaling.type", linear = $"{architecture}.rope.scale_linear";
        if (metadata.Text(scaling) is { } type and not "none") throw metadata.Error(scaling, $"is '{type}', expected 'none' (Llama 3's scaling comes as the tensor {GgufNames.RopeFactors})");
        if (metadata.Number(linear) is { } factor and not 1) throw metadata.Error(linear, $"is {factor}, expected 1");
        if (metadata.Integer("split.count") is { } parts and > 1) throw metadata.Error("split.count", $"is {parts}: the model is in several files; join them with llama-gguf-split --merge");
    }

    private static int HeadDim(GgufMetadata metadata, string architecture, int hidden, int heads)
    {
        if (heads == 0) throw metadata.Error($"{architecture}.attention.head_count", "is 0");
        string keys = $"{architecture}.attention.key_length";
        if (metadata.Integer(keys) is null && hidden % heads != 0)
            throw metadata.Error($"{architecture}.attention.head_count", $"is {heads}, which does not divide the hidden size {hidden}, and '{keys}' is missing");
        int size = metadata.Integer(keys) ?? hidden / heads;
        foreach (string same in (string[])["attention.value_length", "rope.dimension_count"])
        {
            string key = $"{architecture}.{same}";
            if (metadata.Integer(key) is { } other && other != size) throw metadata.Error(key, $"is {other}, expected the head size {size}");
        }
        return size;
    }

    /// <summary>As many as the embedding has rows; the key, where there is one, must agree.</summary>
    private static int Vocabulary(GgufFile file, string architecture)
    {
        long rows = file.Tensor(GgufNames.Embedding).Shape[0];
        if (rows > int.MaxValue) throw new SealException($"{file.Path}: tensor '{GgufNames.Embedding}' has {rows} rows");
        string key = $"{architecture}.vocab_size";
        if (file.Metadata.Integer(key) is { } said && said != rows) throw file.Metadata.Error(key, $"is {said}, but the embedding has {rows} rows");
        return (int)rows;
    }

    /// <summary>End of text first, then end of turn and of message, where they are others.</summary>
    private static int[] EndTokens(GgufMetadata metadata)
    {
        string[] keys = ["tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"];
        return [.. keys.Select(metadata.Integer).OfType<int>().Distinct()];
    }
}
