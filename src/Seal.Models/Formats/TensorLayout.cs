using Seal.Kernels;

namespace Seal.Models.Formats;

/// <summary>The tensors of a model, by Hugging Face's names, with the shapes that its configuration gives them.</summary>
internal static class TensorLayout
{
    public const string Embedding = "model.embed_tokens.weight";
    public const string FinalNorm = "model.norm.weight";
    public const string Head = "lm_head.weight";

    /// <summary>Lazy, so that an absurd number of layers ends at the first missing tensor.</summary>
    public static IEnumerable<(string Name, long[] Shape)> Expected(ModelConfig config)
    {
        yield return (Embedding, [config.Vocabulary, config.Hidden]);
        for (int layer = 0; layer < config.Layers; layer++)
        {
            foreach ((string name, long[] shape) in Block(config)) yield return ($"model.layers.{layer}.{name}", shape);
        }
        yield return (FinalNorm, [config.Hidden]);
        if (!config.TiedEmbedding) yield return (Head, [config.Vocabulary, config.Hidden]);
    }

    /// <summary>Exactly the tensors that the configuration asks for, out of those that a file has.</summary>
    /// <param name="source">The file, for messages.</param>
    /// <exception cref="SealException">A tensor is missing or has another shape, or one is there that this family would ignore.</exception>
    public static Dictionary<string, StoredTensor> Select(ModelConfig config, IReadOnlyDictionary<string, StoredTensor> found, string source)
    {
        Dictionary<string, StoredTensor> selected = [];
        foreach ((string name, long[] shape) in Expected(config))
        {
            if (!found.TryGetValue(name, out StoredTensor? tensor))
                throw new SealException($"{source}: no tensor '{name}' among the {found.Count} there, which a {config.Family} model of {config.Layers} layers needs");
            if (!tensor.Shape.AsSpan().SequenceEqual(shape))
                throw new SealException($"{source}: tensor '{name}' has shape [{string.Join(", ", tensor.Shape)}], but the configuration asks for [{string.Join(", ", shape)}]");
            selected.Add(name, tensor);
        }
        foreach (string name in found.Keys)
        {
            if (!selected.ContainsKey(name) && !Redundant(name, config))
                throw new SealException($"{source}: tensor '{name}' is no part of a {config.Family} model of {config.Layers} layers; ignoring it would compute something else");
        }
        return selected;
    }

    private static IEnumerable<(string Name, long[] Shape)> Block(ModelConfig config)
    {
        long queries = (long)config.Heads * config.HeadDim, keys = (long)config.KvHeads * config.HeadDim;
        yield return ("input_layernorm.weight", [config.Hidden]);
        yield return ("self_attn.q_proj.weight", [queries, config.Hidden]);
        yield return ("self_attn.k_proj.weight", [keys, config.Hidden]);
        yield return ("self_attn.v_proj.weight", [keys, config.Hidden]);
        yield return ("self_attn.o_proj.weight", [config.Hidden, queries]);
        if (config.QkvBias)
        {
            yield return ("self_attn.q_proj.bias", [queries]);
            yield return ("self_attn.k_proj.bias", [keys]);
            yield return ("self_attn.v_proj.bias", [keys]);
        }
        if (config.QkNorm)
        {
            yield return ("self_attn.q_norm.weight", [config.HeadDim]);
            yield return ("self_attn.k_norm.weight", [config.HeadDim]);
        }
        yield return ("post_attention_layernorm.weight", [config.Hidden]);
        yield return ("mlp.gate_proj.weight", [config.Intermediate, config.Hidden]);
        yield return ("mlp.up_proj.weight", [config.Intermediate, config.Hidden]);
        yield return ("mlp.down_proj.weight", [config.Hidden, config.Intermediate]);
    }

    /// <summary>A tied head that was saved beside the embedding, and the rotary tables that old checkpoints hold, follow from the rest.</summary>
    private static bool Redundant(string name, ModelConfig config) =>
        (config.TiedEmbedding && name == Head) || name.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal);
}
