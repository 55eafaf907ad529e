using Seal.Kernels;
using Seal.Models.Formats;
using Seal.Models.Tests.Formats;

namespace Seal.Models.Tests.Engine;

/// <summary>A model of a few thousand random weights, written as a Hugging Face folder.</summary>
public sealed record TinyWeights(string Family, int Layers, int Hidden, int Intermediate, int Heads, int KvHeads, int HeadDim, bool Tied)
{
    public const double Epsilon = 1e-5, RopeTheta = 10000;

    public static readonly TinyWeights Llama = new("llama", Layers: 2, Hidden: 32, Intermediate: 48, Heads: 4, KvHeads: 2, HeadDim: 8, Tied: true);

    /// <summary>Biases on q, k and v; a head of its own.</summary>
    public static readonly TinyWeights Qwen2 = new("qwen2", Layers: 2, Hidden: 36, Intermediate: 40, Heads: 6, KvHeads: 2, HeadDim: 6, Tied: false);

    /// <summary>Norms on every head; heads wider than the stream.</summary>
    public static readonly TinyWeights Qwen3 = new("qwen3", Layers: 3, Hidden: 40, Intermediate: 56, Heads: 4, KvHeads: 1, HeadDim: 12, Tied: true);

    public static readonly TinyWeights[] Families = [Llama, Qwen2, Qwen3];

    public int Vocabulary { get; init; } = 96;

    public int Positions { get; init; } = 1024;

    public int[] EndTokens { get; init; } = [];

    /// <summary>The values of a tensor by name and shape.</summary>
    public Func<string, long[], float[]> Values { get; init; } = Random;

    public string Config => $$"""
        {"model_type": "{{Family}}", "hidden_size": {{Hidden}}, "intermediate_size": {{Intermediate}}, "num_hidden_layers": {{Layers}},
         "num_attention_heads": {{Heads}}, "num_key_value_heads": {{KvHeads}}, "head_dim": {{HeadDim}}, "vocab_size": {{Vocabulary}},
         "max_position_embeddings": {{Positions}}, "rms_norm_eps": {{Epsilon}}, "rope_theta": {{RopeTheta}},
         "tie_word_embeddings": {{(Tied ? "true" : "false")}}, "eos_token_id": [{{string.Join(", ", EndTokens)}}]}
        """;

    public IEnumerable<(string Name, long[] Shape)> Layout
    {
        get
        {
            int queries = Heads * HeadDim, keys = KvHeads * HeadDim;
            yield return ("model.embed_tokens.weight", [Vocabulary, Hidden]);
            yield return ("model.norm.weight", [Hidden]);
            if (!Tied)
                yield return ("lm_head.weight", [Vocabulary, Hidden]);
            for (int layer = 0; layer < Layers; layer++)
            {
                string prefix = $"model.layers.{layer}.";
                yield return (prefix + "input_layernorm.weight", [Hidden]);
                yield return (prefix + "post_attention_layernorm.weight", [Hidden]);
                foreach ((string name, int rows, int columns) in ((string, int, int)[])
                    [("self_attn.q_proj", queries, Hidden), ("self_attn.k_proj", keys, Hidden), ("self_attn.v_proj", keys, Hidden),
                     ("self_attn.o_proj", Hidden, queries), ("mlp.gate_proj", Intermediate, Hidden), ("mlp.up_proj", Intermediate, Hidden),
                     ("mlp.down_proj", Hidden, Intermediate)])
                {
                    yield return ($"{prefix}{name}.weight", [rows, columns]);
                    if (Family == "qwen2" && name[^6] is 'q' or 'k' or 'v' && name.StartsWith("self_attn", StringComparison.Ordinal))
                        yield return ($"{prefix}{name}.bias", [rows]);
                }
                if (Family == "qwen3")
                {
                    yield return (prefix + "self_attn.q_norm.weight", [HeadDim]);
                    yield return (prefix + "self_attn.k_norm.weight", [HeadDim]);
                }
            }
        }
    }

    internal void Write(TemporaryFolder folder)
    {
        folder.Write("config.json", Config);
        SafetensorsWriter.Write(
            folder.File("model.safetensors"), Layout.Select(tensor => new TensorToWrite(tensor.Name, tensor.Shape, Values(tensor.Name, tensor.Shape))));
    }

    /// <summary>Token ids that depend on the seed alone.</summary>
    public int[] Tokens(ulong seed, int length) =>
        [.. Enumerable.Range(0, length).Select(i => (int)(CounterRandom.Bits(seed, (ulong)i) % (ulong)Vocabulary))];

    public override string ToString() => Family;

    /// <summary>Matrices large enough that attention and SwiGLU bend, gains around 1, biases around 0.</summary>
    private static float[] Random(string name, long[] shape)
    {
        ulong key = CounterRandom.Derive(1, name);
        double bound = shape.Length == 2 ? 1.5 * Math.Sqrt(3.0 / shape[1]) : 0.4;
        double centre = shape.Length == 1 && !name.EndsWith(".bias", StringComparison.Ordinal) ? 1 : 0;
        float[] values = new float[shape.Aggregate((a, b) => a * b)];
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)(centre + (2 * CounterRandom.Uniform(key, (ulong)i) - 1) * bound);
        return values;
    }
}
