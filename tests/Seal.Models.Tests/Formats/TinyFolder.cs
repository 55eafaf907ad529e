using Seal.Models.Formats;

namespace Seal.Models.Tests.Formats;

/// <summary>A Hugging Face folder of one layer: hidden 8, 2 heads of 4, 1 key/value head, feed-forward 12, 10 tokens, tied.</summary>
internal static class TinyFolder
{
    public const string Config = """
        {"model_type": "llama", "hidden_size": 8, "intermediate_size": 12, "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 1,
         "vocab_size": 10, "max_position_embeddings": 64, "rms_norm_eps": 1e-05, "rope_theta": 500000.0, "tie_word_embeddings": true, "eos_token_id": [3, 4]}
        """;

    public static List<TensorToWrite> Tensors()
    {
        (string Name, long[] Shape)[] layout =
        [
            ("model.embed_tokens.weight", [10, 8]), ("model.norm.weight", [8]),
            ("model.layers.0.input_layernorm.weight", [8]), ("model.layers.0.post_attention_layernorm.weight", [8]),
            ("model.layers.0.self_attn.q_proj.weight", [8, 8]), ("model.layers.0.self_attn.k_proj.weight", [4, 8]),
            ("model.layers.0.self_attn.v_proj.weight", [4, 8]), ("model.layers.0.self_attn.o_proj.weight", [8, 8]),
            ("model.layers.0.mlp.gate_proj.weight", [12, 8]), ("model.layers.0.mlp.up_proj.weight", [12, 8]), ("model.layers.0.mlp.down_proj.weight", [8, 12]),
        ];
        return [.. layout.Select(entry => new TensorToWrite(entry.Name, entry.Shape, TinyGguf.Values(entry.Shape)))];
    }

    public static TemporaryFolder Make(string config = Config)
    {
        TemporaryFolder folder = new();
        folder.Write("config.json", config);
        SafetensorsWriter.Write(folder.File("model.safetensors"), Tensors());
        return folder;
    }

    /// <summary>The same weights in two shards with an index.</summary>
    public static TemporaryFolder MakeSharded(Func<string, string>? damage = null)
    {
        TemporaryFolder folder = new();
        folder.Write("config.json", Config);
        List<TensorToWrite> tensors = Tensors();
        SafetensorsWriter.Write(folder.File("model-00001-of-00002.safetensors"), tensors[..4]);
        SafetensorsWriter.Write(folder.File("model-00002-of-00002.safetensors"), tensors[4..]);
        string map = string.Join(",\n", tensors.Select((tensor, i) => $"\"{tensor.Name}\": \"model-0000{(i < 4 ? 1 : 2)}-of-00002.safetensors\""));
        folder.Write("model.safetensors.index.json", (damage ?? (text => text))($"{{\"metadata\": {{\"total_size\": 1}}, \"weight_map\": {{{map}}}}}"));
        return folder;
    }
}
