using System.Text;
using System.Text.Json.Nodes;
using Seal.Kernels;
using Seal.Models.Text;

namespace Seal.Models.Tests.Engine;

/// <summary>
/// A model that after token i says token i + 1, and after the last the first: its layers add nothing, its embedding is the identity and
/// its head the shifted identity, so a test knows every token that will be drawn. The last token ends a text.
/// </summary>
internal sealed class ScriptedModel : IDisposable
{
    private readonly TinyEngine _engine;

    /// <param name="pieces">The text of each token, one character a byte.</param>
    public ScriptedModel(params string[] pieces)
    {
        int size = pieces.Length;
        _engine = new TinyEngine(new TinyWeights("llama", Layers: 1, size, Intermediate: 4, Heads: 1, KvHeads: 1, HeadDim: 4, Tied: false)
        {
            Vocabulary = size,
            EndTokens = [size - 1],
            Values = (name, shape) => name switch
            {
                "model.embed_tokens.weight" => Matrix(size, (row, column) => row == column ? 1 : 0),
                "lm_head.weight" => Matrix(size, (row, column) => row == (column + 1) % size ? 20 : 0),
                _ => [.. Enumerable.Repeat(shape.Length == 1 ? 1f : 0f, (int)shape.Aggregate((a, b) => a * b))],
            },
        });
        Tokenizer = TokenizerOf(pieces);
    }

    public Tokenizer Tokenizer { get; }

    public Generator Generator => new(_engine.Transformer, Tokenizer);

    public Generator GeneratorWithoutTokenizer => new(_engine.Transformer, null);

    /// <summary>Continues the text of the first token.</summary>
    public Generation Continue(int maxTokens = 50, bool ignoreEnd = false, params string[] stop) =>
        Generator.Run([Request(maxTokens, ignoreEnd, stop)]).Single();

    public static GenerationRequest Request(int maxTokens = 50, bool ignoreEnd = false, params string[] stop) =>
        new([0], maxTokens, SamplingSettings.Greedy, Stop: stop, IgnoreEnd: ignoreEnd);

    public void Dispose() => _engine.Dispose();

    private static float[] Matrix(int size, Func<int, int, float> value) =>
        [.. Enumerable.Range(0, size * size).Select(i => value(i / size, i % size))];

    private static Tokenizer TokenizerOf(string[] pieces)
    {
        JsonObject vocabulary = [];
        foreach (string piece in pieces)
            vocabulary[string.Concat(Encoding.Latin1.GetBytes(piece).Select(ByteLevel.ToChar))] = vocabulary.Count;
        JsonObject json = new()
        {
            ["added_tokens"] = new JsonArray(new JsonObject { ["id"] = pieces.Length - 1, ["content"] = pieces[^1], ["special"] = true }),
            ["pre_tokenizer"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false },
            ["decoder"] = new JsonObject { ["type"] = "ByteLevel" },
            ["model"] = new JsonObject { ["type"] = "BPE", ["vocab"] = vocabulary, ["merges"] = new JsonArray() },
        };
        return Tokenizer.FromJson(json.ToJsonString(), null, "scripted");
    }
}
