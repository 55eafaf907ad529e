using System.Text.Json;
using Seal.Kernels;
using Seal.Models.Formats;

namespace Seal.Learning.Tests.Loop;

/// <summary>
/// A Hugging Face folder that was never trained: two layers, 16 wide, a byte-level vocabulary without merges, so every byte is a token, and token 256
/// ends a text. With a tokenizer and a chat template, so all of the outer loop runs on it, in milliseconds.
/// </summary>
internal static class TinyModel
{
    private const int Layers = 2, Hidden = 16, Intermediate = 24, Heads = 2, KvHeads = 1, HeadDim = 8, Vocabulary = 260, End = 256;

    public static string Write(string folder, ulong seed = 1)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "config.json"), JsonSerializer.Serialize(new
        {
            model_type = "llama",
            hidden_size = Hidden,
            intermediate_size = Intermediate,
            num_hidden_layers = Layers,
            num_attention_heads = Heads,
            num_key_value_heads = KvHeads,
            vocab_size = Vocabulary,
            max_position_embeddings = 1024,
            rms_norm_eps = 1e-5,
            rope_theta = 10000.0,
            tie_word_embeddings = true,
            eos_token_id = End,
        }));
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), JsonSerializer.Serialize(new
        {
            model = new { type = "BPE", vocab = Enumerable.Range(0, 256).ToDictionary(Spelling, value => value), merges = Array.Empty<string>() },
            added_tokens = new[] { new { id = End, content = "<|end|>", special = true } },
            pre_tokenizer = new { type = "ByteLevel", add_prefix_space = false },
            decoder = new { type = "ByteLevel" },
        }));
        File.WriteAllText(Path.Combine(folder, "chat_template.jinja"),
            "{% for message in messages %}[{{ message.role }}] {{ message.content }}<|end|>\n{% endfor %}{% if add_generation_prompt %}[assistant] {% endif %}");
        SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), Tensors(seed));
        return folder;
    }

    private static IEnumerable<TensorToWrite> Tensors(ulong seed)
    {
        yield return Matrix("model.embed_tokens.weight", Vocabulary, Hidden);
        yield return Gain("model.norm.weight");
        for (int layer = 0; layer < Layers; layer++)
        {
            string prefix = $"model.layers.{layer}.";
            yield return Gain(prefix + "input_layernorm.weight");
            yield return Gain(prefix + "post_attention_layernorm.weight");
            yield return Matrix(prefix + "self_attn.q_proj.weight", Heads * HeadDim, Hidden);
            yield return Matrix(prefix + "self_attn.k_proj.weight", KvHeads * HeadDim, Hidden);
            yield return Matrix(prefix + "self_attn.v_proj.weight", KvHeads * HeadDim, Hidden);
            yield return Matrix(prefix + "self_attn.o_proj.weight", Hidden, Heads * HeadDim);
            yield return Matrix(prefix + "mlp.gate_proj.weight", Intermediate, Hidden);
            yield return Matrix(prefix + "mlp.up_proj.weight", Intermediate, Hidden);
            yield return Matrix(prefix + "mlp.down_proj.weight", Hidden, Intermediate);
        }

        TensorToWrite Matrix(string name, int rows, int columns)
        {
            ulong key = CounterRandom.Derive(seed, name);
            double bound = Math.Sqrt(3.0 / columns); // variance 1/columns
            return new TensorToWrite(name, [rows, columns],
                Enumerable.Range(0, rows * columns).Select(i => (float)((2 * CounterRandom.Uniform(key, (ulong)i) - 1) * bound)).ToArray());
        }

        TensorToWrite Gain(string name) => new(name, [Hidden], Enumerable.Repeat(1f, Hidden).ToArray());
    }

    // GPT-2's alphabet of bytes: printable Latin-1 stands for itself, the others follow from U+0100 on.
    private static string Spelling(int value)
    {
        static bool Printable(int b) => b is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE;
        return ((char)(Printable(value) ? value : 256 + Enumerable.Range(0, value).Count(b => !Printable(b)))).ToString();
    }
}
