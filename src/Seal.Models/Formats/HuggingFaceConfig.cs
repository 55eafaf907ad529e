using Seal.Kernels;

namespace Seal.Models.Formats;

/// <summary>
/// config.json and generation_config.json of a Hugging Face folder. What is absent has the default of transformers' configuration
/// classes; what would change the computation and is not supported is an error, never ignored.
/// </summary>
internal static class HuggingFaceConfig
{
    /// <exception cref="SealException">A field is missing, malformed or asks for something else than these families compute.</exception>
    public static ModelConfig Read(string folder)
    {
        string path = Path.Combine(folder, "config.json");
        if (!File.Exists(path)) throw new SealException($"{folder}: no config.json in it; expected a Hugging Face model folder");
        JsonFields config = JsonFields.Read(path);
        ModelFamily family = FamilyOf(config);
        RefuseWhatIsNotComputed(config);
        int hidden = config.RequiredInteger("hidden_size"), heads = config.RequiredInteger("num_attention_heads");
        (double theta, Llama3RopeScaling? scaling) = Rope(config);
        return WithSpecialTokens(config, folder, new ModelConfig
        {
            Family = family,
            Layers = config.RequiredInteger("num_hidden_layers"),
            Hidden = hidden,
            Intermediate = config.RequiredInteger("intermediate_size"),
            Heads = heads,
            KvHeads = config.Integer("num_key_value_heads") ?? heads,
            HeadDim = HeadDim(config, family, hidden, heads),
            Vocabulary = config.RequiredInteger("vocab_size"),
            MaxPositions = config.RequiredInteger("max_position_embeddings"),
            RmsNormEps = config.RequiredNumber("rms_norm_eps"),
            RopeTheta = theta,
            RopeScaling = scaling,
            TiedEmbedding = config.Flag("tie_word_embeddings", absent: false),
            QkvBias = family == ModelFamily.Qwen2,
            QkNorm = family == ModelFamily.Qwen3,
        }).Validated(path);
    }

    private static ModelFamily FamilyOf(JsonFields config) => config.RequiredText("model_type") switch
    {
        "llama" => ModelFamily.Llama,
        "qwen2" => ModelFamily.Qwen2,
        "qwen3" => ModelFamily.Qwen3,
        string other => throw config.Error("model_type", $"is '{other}', expected 'llama', 'qwen2' or 'qwen3'"),
    };

    private static void RefuseWhatIsNotComputed(JsonFields config)
    {
        if (config.Text("hidden_act") is { } activation and not "silu") throw config.Error("hidden_act", $"is '{activation}', expected 'silu'");
        foreach (string flag in (string[])["attention_bias", "mlp_bias", "use_sliding_window"])
        {
            if (config.Flag(flag, absent: false)) throw config.Error(flag, "is true, which is not supported; expected false");
        }
        if (config.Has("quantization_config")) throw config.Error("quantization_config", "is given; expected a model that is not quantised (or a GGUF file)");
        if (config.Number("partial_rotary_factor") is { } part and not 1) throw config.Error("partial_rotary_factor", $"is {part}, expected 1");
        if (config.Has("layer_types"))
        {
            foreach (string type in config.RequiredTexts("layer_types"))
            {
                if (type != "full_attention") throw config.Error("layer_types", $"has '{type}', expected 'full_attention' alone");
            }
        }
    }

    /// <summary>Given, or what the family's configuration class derives.</summary>
    private static int HeadDim(JsonFields config, ModelFamily family, int hidden, int heads)
    {
        if (config.Integer("head_dim") is int given) return given;
        if (family == ModelFamily.Qwen3) return 128;
        if (heads <= 0 || hidden % heads != 0) throw config.Error("num_attention_heads", $"is {heads}, which does not divide the hidden size {hidden}");
        return hidden / heads;
    }

    /// <summary>Newer files nest all of it in rope_parameters; older ones have rope_theta beside rope_scaling.</summary>
    private static (double Theta, Llama3RopeScaling? Scaling) Rope(JsonFields config)
    {
        const double usualBase = 10000;
        double theta = config.Number("rope_theta") ?? usualBase;
        string where = config.Has("rope_parameters") ? "rope_parameters" : "rope_scaling";
        if (config.Object(where) is not { } rope) return (theta, null);
        theta = rope.Number("rope_theta") ?? theta;
        string type = rope.Text("rope_type") ?? rope.Text("type") ?? "default";
        if (rope.Number("partial_rotary_factor") is { } part and not 1) throw rope.Error("partial_rotary_factor", $"is {part}, expected 1");
        return type switch
        {
            "default" => (theta, null),
            "llama3" => (theta, new Llama3RopeScaling(rope.RequiredNumber("factor"), rope.RequiredNumber("low_freq_factor"),
                rope.RequiredNumber("high_freq_factor"), rope.RequiredInteger("original_max_position_embeddings"))),
            _ => throw rope.Error("rope_type", $"is '{type}', expected 'default' or 'llama3'"),
        };
    }

    /// <summary>What ends a text is said by generation_config.json, and by config.json where that is silent.</summary>
    private static ModelConfig WithSpecialTokens(JsonFields config, string folder, ModelConfig model)
    {
        string path = Path.Combine(folder, "generation_config.json");
        JsonFields? generation = File.Exists(path) ? JsonFields.Read(path) : null;
        return model with
        {
            EosTokenIds = generation?.Integers("eos_token_id") ?? config.Integers("eos_token_id") ?? [],
            BosTokenId = generation?.Integer("bos_token_id") ?? config.Integer("bos_token_id"),
        };
    }
}
