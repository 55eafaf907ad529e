using System.Text.Json;
using System.Text.Json.Nodes;
using Seal.Kernels;
using Seal.Models.Formats;

namespace Seal.Tests;

/// <summary>
/// A whole model in a temporary Hugging Face folder, random and tiny: llama, two layers of width 32, the 256 bytes and a few merges for a
/// vocabulary, ChatML for a chat template. Everything that needs a model runs on it end to end, in milliseconds.
/// </summary>
public sealed class TinyModel : IDisposable
{
    private const int Hidden = 32, Intermediate = 64, Layers = 2, Heads = 4, KvHeads = 2, HeadDim = 8;

    private const string ChatTemplate =
        "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

    private static readonly string[] Merges = ["t h", "th e", "i n", "e r", "Ġ t"];

    private static readonly string[] Specials = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];

    /// <param name="seed">Of the weights.</param>
    /// <param name="chat">Whether it brings a chat template.</param>
    public TinyModel(ulong seed = 1, bool chat = true)
    {
        Folder = Directory.CreateTempSubdirectory("seal-tiny-model-").FullName;
        string[] vocabulary = [.. ByteAlphabet(), .. Merges.Select(merge => merge.Replace(" ", "", StringComparison.Ordinal)), .. Specials];
        WriteJson("config.json", Config(vocabulary.Length));
        WriteJson("tokenizer.json", Tokenizer(vocabulary));
        WriteJson("tokenizer_config.json", new JsonObject
        {
            ["eos_token"] = Specials[0],
            ["chat_template"] = chat ? ChatTemplate : null,
        });
        SafetensorsWriter.Write(Path.Combine(Folder, "model.safetensors"), Tensors(vocabulary.Length, seed));
    }

    public string Folder { get; }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private void WriteJson(string name, JsonObject value) => File.WriteAllText(Path.Combine(Folder, name), value.ToJsonString());

    private static JsonObject Config(int vocabulary) => new()
    {
        ["model_type"] = "llama",
        ["hidden_size"] = Hidden,
        ["intermediate_size"] = Intermediate,
        ["num_hidden_layers"] = Layers,
        ["num_attention_heads"] = Heads,
        ["num_key_value_heads"] = KvHeads,
        ["head_dim"] = HeadDim,
        ["vocab_size"] = vocabulary,
        ["max_position_embeddings"] = 2048,
        ["rms_norm_eps"] = 1e-5,
        ["rope_theta"] = 10000.0,
        ["tie_word_embeddings"] = true,
        ["eos_token_id"] = vocabulary - Specials.Length,
    };

    private static JsonObject Tokenizer(string[] vocabulary) => new()
    {
        ["version"] = "1.0",
        ["added_tokens"] = new JsonArray([.. Specials.Select((token, i) => new JsonObject
        {
            ["id"] = vocabulary.Length - Specials.Length + i,
            ["content"] = token,
            ["special"] = true,
        })]),
        ["pre_tokenizer"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["use_regex"] = true },
        ["decoder"] = new JsonObject { ["type"] = "ByteLevel" },
        ["model"] = new JsonObject
        {
            ["type"] = "BPE",
            ["vocab"] = new JsonObject(vocabulary.Select((token, id) => KeyValuePair.Create(token, (JsonNode?)JsonValue.Create(id)))),
            ["merges"] = JsonSerializer.SerializeToNode(Merges),
        },
    };

    /// <summary>GPT-2's names of the 256 bytes: printable ones are themselves, the others follow from U+0100 on.</summary>
    private static IEnumerable<string> ByteAlphabet()
    {
        int next = 256;
        for (int b = 0; b < 256; b++)
            yield return ((char)(b is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE and <= 0xFF ? b : next++)).ToString();
    }

    private static IEnumerable<TensorToWrite> Tensors(int vocabulary, ulong seed)
    {
        TensorToWrite Matrix(string name, int rows, int columns)
        {
            ulong key = CounterRandom.Derive(seed, name);
            double bound = Math.Sqrt(3.0 / columns);
            return new TensorToWrite(name, [rows, columns],
                Enumerable.Range(0, rows * columns).Select(i => (float)((2 * CounterRandom.Uniform(key, (ulong)i) - 1) * bound)).ToArray());
        }
        TensorToWrite Gain(string name) => new(name, [Hidden], Enumerable.Repeat(1f, Hidden).ToArray());

        yield return Matrix("model.embed_tokens.weight", vocabulary, Hidden);
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
    }
}
