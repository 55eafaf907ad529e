using System.Globalization;

namespace Seal.Models.Formats;

/// <summary>GGUF's tensor names in Hugging Face's words.</summary>
internal static class GgufNames
{
    public const string Embedding = "token_embd.weight";
    public const string RopeFactors = "rope_freqs.weight";

    private static readonly Dictionary<string, string> Whole = new()
    {
        [Embedding] = TensorLayout.Embedding,
        ["output_norm.weight"] = TensorLayout.FinalNorm,
        ["output.weight"] = TensorLayout.Head,
    };

    /// <summary>Within "blk.N." and "model.layers.N.", without ".weight" or ".bias".</summary>
    private static readonly Dictionary<string, string> InBlock = new()
    {
        ["attn_norm"] = "input_layernorm",
        ["attn_q"] = "self_attn.q_proj",
        ["attn_k"] = "self_attn.k_proj",
        ["attn_v"] = "self_attn.v_proj",
        ["attn_output"] = "self_attn.o_proj",
        ["attn_q_norm"] = "self_attn.q_norm",
        ["attn_k_norm"] = "self_attn.k_norm",
        ["ffn_norm"] = "post_attention_layernorm",
        ["ffn_gate"] = "mlp.gate_proj",
        ["ffn_up"] = "mlp.up_proj",
        ["ffn_down"] = "mlp.down_proj",
    };

    /// <summary>Hugging Face's name, or null where there is none.</summary>
    public static string? ToHuggingFace(string name)
    {
        if (Whole.TryGetValue(name, out string? whole)) return whole;
        string[] parts = name.Split('.'); // blk, layer, part, kind
        if (parts is not ["blk", _, _, "weight" or "bias"] || !InBlock.TryGetValue(parts[2], out string? part)) return null;
        return int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int layer) ? $"model.layers.{layer}.{part}.{parts[3]}" : null;
    }

    /// <summary>GGUF's name of a tensor that the format has.</summary>
    public static string FromHuggingFace(string name)
    {
        foreach ((string gguf, string whole) in Whole)
            if (whole == name) return gguf;
        string[] parts = name.Split('.', 4); // model, layers, layer, the rest
        int dot = parts[3].LastIndexOf('.');
        return $"blk.{parts[2]}.{InBlock.Single(pair => pair.Value == parts[3][..dot]).Key}{parts[3][dot..]}";
    }

    /// <summary>Whether that Hugging Face tensor has the rows that GGUF files of the llama architecture hold pairwise.</summary>
    public static bool HasPairedRows(string name) =>
        name.Contains(".self_attn.q_proj.", StringComparison.Ordinal) || name.Contains(".self_attn.k_proj.", StringComparison.Ordinal);
}
