using System.Text.Json.Nodes;
using CsCheck;
using Seal.Kernels;
using Seal.Models.Formats;
using Seal.Models.Text;

namespace Seal.Models.Tests.Text;

public class TokenizerTests
{
    /// <summary>All bytes and a few merges: enough to see what is split where.</summary>
    private static JsonObject Small(JsonNode? preTokenizer = null, JsonNode? normalizer = null, params JsonNode[] added)
    {
        JsonObject vocabulary = [];
        for (int b = 0; b < 256; b++)
            vocabulary[ByteLevel.ToChar((byte)b).ToString()] = b;
        string[][] merges = [["h", "e"], ["Ġ", "t"], ["Ġt", "he"], ["l", "l"], ["he", "ll"], ["hell", "o"], ["'", "s"]];
        foreach (string[] merge in merges)
            vocabulary[string.Concat(merge)] = vocabulary.Count;
        return new JsonObject
        {
            ["added_tokens"] = new JsonArray(added),
            ["normalizer"] = normalizer,
            ["pre_tokenizer"] = preTokenizer ?? ByteLevelStep(),
            ["decoder"] = new JsonObject { ["type"] = "ByteLevel" },
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["vocab"] = vocabulary,
                ["merges"] = new JsonArray([.. merges.Select(merge => new JsonArray(merge[0], merge[1]))]),
            },
        };
    }

    private static JsonObject ByteLevelStep(bool prefix = false, bool regex = true) =>
        new() { ["type"] = "ByteLevel", ["add_prefix_space"] = prefix, ["use_regex"] = regex };

    private static JsonObject Added(string content, int id, params string[] flags)
    {
        JsonObject token = new() { ["id"] = id, ["content"] = content };
        foreach (string flag in flags)
            token[flag] = true;
        return token;
    }

    private static Tokenizer Read(JsonObject json, string? config = null) => Tokenizer.FromJson(json.ToJsonString(), config, "tokenizer.json");

    private static string Pieces(Tokenizer tokenizer, string text) =>
        string.Join('|', tokenizer.Encode(text).Select(id => tokenizer.Decode([id])));

    /// <summary>Every kind of character that a pre-tokenizer tells apart, and some that it should not.</summary>
    private static readonly Gen<string> s_text = Gen.OneOf(
        Gen.Char['\0', '\u024f'].Select(c => c.ToString()),
        Gen.Int[0, 0x10FFFF].Where(point => point is < 0xD800 or > 0xDFFF).Select(char.ConvertFromUtf32),
        Any("'s", "'LL", "  ", "\r\n", "\u00a0", "\u0301", "👩‍👩‍👧", "日本", "१२", "<|im_start|>", "<|im_", "hello", " the"))
        .Array[0, 30].Select(string.Concat);

    private static Gen<T> Any<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    [TestCase("tokenizer-gpt2-style")]
    [TestCase("tokenizer-llama3-style")]
    [TestCase("tokenizer-smollm-style")]
    public void Decoding_gives_back_what_was_encoded(string folder)
    {
        Tokenizer tokenizer = Tokenizer.FromJson(Golden.TokenizerJson(folder), null, folder);
        s_text.Sample(text => tokenizer.Decode(tokenizer.Encode(text)) == text, iter: 2000);
    }

    [Test]
    public void Normalizing_twice_is_normalizing_once() => s_text.Sample(text => Nfc.Normalize(Nfc.Normalize(text)) == Nfc.Normalize(text), iter: 2000);

    [TestCase("e\u0301", "\u00e9")]
    [TestCase("\u1112\u1161\u11ab", "\ud55c")]
    [TestCase("a\u0323\u0302", "\u1ead")]
    [TestCase("a\u0302\u0323", "\u1ead")]
    [TestCase("\u0958", "\u0915\u093c", TestName = "A composition exclusion stays apart")]
    [TestCase("\u212b", "\u00c5")]
    [TestCase("\ufb01", "\ufb01", TestName = "A ligature is no canonical equivalent")]
    [TestCase("a\u0301\u0301", "\u00e1\u0301")]
    public void Form_C(string text, string expected) => Assert.That(Nfc.Normalize(text), Is.EqualTo(expected));

    [Test]
    public void Merges_are_those_of_Microsoft_ML_Tokenizers()
    {
        JsonObject model = JsonNode.Parse(Golden.TokenizerJson("tokenizer-gpt2-style"))!["model"]!.AsObject();
        Dictionary<string, int> vocabulary = model["vocab"]!.AsObject().ToDictionary(entry => entry.Key, entry => (int)entry.Value!);
        (string Left, string Right)[] merges = [.. model["merges"]!.AsArray().Select(merge => ((string)merge![0]!, (string)merge[1]!))];
        BytePairs ours = new(vocabulary, merges, wholeWordsFirst: false, "merges");
        Microsoft.ML.Tokenizers.BpeTokenizer theirs = Microsoft.ML.Tokenizers.BpeTokenizer.Create(
            new Microsoft.ML.Tokenizers.BpeOptions(vocabulary) { Merges = merges.Select(merge => $"{merge.Left} {merge.Right}") });
        Gen.Frequency((4, Gen.Byte[(byte)'a', (byte)'z']), (1, Any((byte)' ', (byte)'e', (byte)0xC3))).Array[1, 40].Sample(word =>
        {
            List<int> ids = [];
            ours.Encode(word, ids);
            return ids.SequenceEqual(theirs.EncodeToIds(string.Concat(word.Select(ByteLevel.ToChar))));
        }, iter: 2000);
    }

    [TestCase('a', 200_000)]
    [TestCase(' ', 200_000)]
    [TestCase('\n', 200_000)]
    [TestCase('7', 200_000)]
    [TestCase('\u0301', 200_000)]
    [TestCase('日', 200_000)]
    public void Long_runs_come_back(char c, int count)
    {
        string text = new(c, count);
        foreach (string folder in (string[])["tokenizer-smollm-style", "tokenizer-llama3-style"])
        {
            Tokenizer tokenizer = Tokenizer.FromJson(Golden.TokenizerJson(folder), null, folder);
            Assert.That(tokenizer.Decode(tokenizer.Encode(text)), Is.EqualTo(text));
        }
    }

    [Test]
    public void A_lone_surrogate_is_read_as_the_replacement_character()
    {
        Tokenizer tokenizer = Read(Small());
        Assert.That(tokenizer.Encode("a\ud83db"), Is.EqualTo(tokenizer.Encode("a\ufffdb")));
        Assert.That(tokenizer.Encode("\ude00"), Is.EqualTo(tokenizer.Encode("\ufffd")));
    }

    [TestCase("x [W] y", "x| |[W]| |y")]
    [TestCase("x[W]y", "x|[|W|]|y", Description = "single_word beside a letter")]
    [TestCase("x \t[L] y", "x|[L]| |y")]
    [TestCase("x [R] \n y", "x| |[R]|y")]
    [TestCase("[S][SS][S]", "[S]|[SS]|[S]", Description = "the longest of those that begin together")]
    public void Added_tokens_take_their_place(string text, string pieces)
    {
        Tokenizer tokenizer = Read(Small(added: [
            Added("[W]", 300, "single_word"), Added("[S]", 301), Added("[SS]", 302), Added("[L]", 303, "lstrip"), Added("[R]", 304, "rstrip")]));
        Assert.That(Pieces(tokenizer, text), Is.EqualTo(pieces));
    }

    [Test]
    public void A_normalized_added_token_is_found_in_normalized_text()
    {
        JsonObject nfc = new() { ["type"] = "NFC" };
        Assert.That(Read(Small(normalizer: nfc, added: [Added("é!", 302, "normalized")])).Encode("e\u0301!"), Is.EqualTo(new[] { 302 }));
        Assert.That(Read(Small(normalizer: nfc.DeepClone(), added: [Added("é!", 302)])).Encode("e\u0301!"), Has.Length.EqualTo(3));
    }

    [Test]
    public void Special_tokens_can_be_left_out_and_are_known_by_name()
    {
        Tokenizer tokenizer = Read(Small(added: [Added("<|end|>", 307, "special"), Added("<user>", 306)]),
            """{"bos_token": null, "eos_token": {"content": "<|end|>"}}""");
        int[] ids = tokenizer.Encode("<user>hello<|end|>");
        Assert.Multiple(() =>
        {
            Assert.That(tokenizer.Decode(ids), Is.EqualTo("<user>hello<|end|>"));
            Assert.That(tokenizer.Decode(ids, skipSpecial: true), Is.EqualTo("<user>hello"));
            Assert.That((tokenizer.Bos, tokenizer.Eos), Is.EqualTo(((int?)null, (int?)307)));
            Assert.That(tokenizer.IsSpecial(307) && !tokenizer.IsSpecial(306), Is.True);
            Assert.That((tokenizer.TokenId("Ġthe"), tokenizer.TokenId(" the")), Is.EqualTo(((int?)258, (int?)null)));
            Assert.That(tokenizer.VocabularySize, Is.EqualTo(308));
            Assert.That(tokenizer.Decode([5000, -1]), Is.Empty);
        });
    }

    [Test]
    public void Streaming_holds_back_bytes_until_the_character_is_whole()
    {
        Tokenizer tokenizer = Read(Small());
        int[] ids = tokenizer.Encode("a😀");
        StreamingDecoder stream = new(tokenizer);
        Assert.That(ids.Select(stream.Feed), Is.EqualTo(new[] { "a", "", "", "", "😀" }));
        stream.Feed(ids[1]);
        Assert.That((stream.Finish(), stream.Finish(), stream.Feed(ids[0])), Is.EqualTo(("\ufffd", "", "a")));
    }

    [Test]
    public void A_prefix_space_goes_before_each_stretch_between_added_tokens() =>
        Assert.That(Pieces(Read(Small(ByteLevelStep(prefix: true), added: [Added("<user>", 306)])), "the<user>the the"), Is.EqualTo(" the|<user>| the| the"));

    [Test]
    public void A_gguf_vocabulary_and_the_same_tokenizer_json_agree()
    {
        JsonObject json = JsonNode.Parse(Golden.TokenizerJson("tokenizer-smollm-style"))!.AsObject();
        string[] tokens = new string[3003];
        foreach ((string token, JsonNode? id) in json["model"]!["vocab"]!.AsObject())
            tokens[(int)id!] = token;
        foreach (JsonNode? token in json["added_tokens"]!.AsArray())
            tokens[(int)token!["id"]!] = (string)token["content"]!;
        int[] types = [.. tokens.Select((_, id) => id < 3000 ? 1 : 3)];
        string[] merges = [.. json["model"]!["merges"]!.AsArray().Select(merge => $"{merge![0]} {merge[1]}")];
        Tokenizer gguf = Tokenizer.From(new GgufVocabulary("gpt2", "smollm", tokens, types, merges, 3001, 3002, false) { Path = "model.gguf" });
        Tokenizer huggingFace = Read(json);
        Assert.That((gguf.Bos, gguf.Eos), Is.EqualTo(((int?)3001, (int?)3002)));
        s_text.Sample(text => gguf.Encode(text).SequenceEqual(huggingFace.Encode(text)), iter: 500);
    }

    private static IEnumerable<TestCaseData> Unsupported()
    {
        yield return Case(json => json["model"]!["type"] = "WordPiece", "model.type", "WordPiece");
        yield return Case(json => json["model"]!["byte_fallback"] = true, "model.byte_fallback");
        yield return Case(json => json["model"]!["continuing_subword_prefix"] = "##", "model.continuing_subword_prefix", "##");
        yield return Case(json => json["normalizer"] = new JsonObject { ["type"] = "Lowercase" }, "normalizer.type", "Lowercase");
        yield return Case(json => json["pre_tokenizer"] = new JsonObject { ["type"] = "Metaspace" }, "pre_tokenizer.type", "Metaspace");
        yield return Case(json => json["pre_tokenizer"] = null, "pre_tokenizer");
        yield return Case(json => json["decoder"] = new JsonObject { ["type"] = "WordPiece" }, "decoder", "WordPiece");
        yield return Case(json => json["model"]!["merges"]!.AsArray().Add(new JsonArray("q", "zzz")), "model.merges[7]", "zzz");
        yield return Case(json => json["model"]!["merges"]!.AsArray().Add("a"), "model.merges[7]");
        yield return Case(json => json["model"]!["vocab"]!["x1"] = -4, "model.vocab[\"x1\"]", "-4");
        yield return Case(json => json["model"]!["vocab"]!["x1"] = 2_000_000_000, "model.vocab[\"x1\"]", "2000000000");
        yield return Case(json => json["model"] = 5, "tokenizer.json");
        yield return Case(json => json.Remove("model"), "model is missing");
        yield return Case(json => json["pre_tokenizer"] = new JsonObject
        {
            ["type"] = "Split",
            ["pattern"] = new JsonObject { ["Regex"] = "\\w+" },
            ["behavior"] = "Isolated",
            ["invert"] = false,
        }, "pre_tokenizer.pattern", "\\w");

        static TestCaseData Case(Action<JsonObject> spoil, params string[] named) => new TestCaseData(spoil, named).SetArgDisplayNames(named[0]);
    }

    [TestCaseSource(nameof(Unsupported))]
    public void What_is_not_supported_is_named(Action<JsonObject> spoil, string[] named)
    {
        JsonObject json = Small();
        spoil(json);
        SealException error = Assert.Throws<SealException>(() => Read(json))!;
        foreach (string part in named)
            Assert.That(error.Message, Does.StartWith("tokenizer.json").And.Contain(part));
    }

    [TestCase("")]
    [TestCase("[]")]
    [TestCase("{\"model\":")]
    [TestCase("{\"model\":{\"vocab\":{},\"merges\":[]}}")]
    public void Damaged_files_are_errors(string json) =>
        Assert.That(() => Tokenizer.FromJson(json, null, "tokenizer.json"), Throws.TypeOf<SealException>());

    [Test]
    public void An_unknown_gguf_tokenizer_is_named()
    {
        GgufVocabulary source = new("gpt2", "smollm", ["a"], [1], [], null, null, false) { Path = "m.gguf" };
        Assert.That(() => Tokenizer.From(source with { Pre = "viking" }), Throws.TypeOf<SealException>().With.Message.Contains("viking"));
        Assert.That(() => Tokenizer.From(source with { Model = "llama" }), Throws.TypeOf<SealException>().With.Message.Contains("llama"));
        Assert.That(() => Tokenizer.From(source with { EosId = 7 }), Throws.TypeOf<SealException>().With.Message.Contains("eos_token_id is 7"));
        Assert.That(() => Tokenizer.From(source with { Merges = ["ab"] }), Throws.TypeOf<SealException>().With.Message.Contains("merges[0]"));
    }
}
