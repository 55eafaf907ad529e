using System.Security.Cryptography;
using Seal.Kernels;
using Seal.Models.Formats;
using Seal.Tests;

namespace Seal.Models.Tests.Formats;

public sealed class GgufModelTests
{
    [Test]
    public void ARealModelOpens()
    {
        string path = SharedFolder.Require("models", "SmolLM2-135M-Instruct.Q4_1.gguf");
        using ModelFile model = ModelFile.Open(path);
        Assert.Multiple(() =>
        {
            ModelConfig config = model.Config;
            Assert.That(config.Family, Is.EqualTo(ModelFamily.Llama));
            Assert.That((config.Layers, config.Hidden, config.Intermediate), Is.EqualTo((30, 576, 1536)));
            Assert.That((config.Heads, config.KvHeads, config.HeadDim), Is.EqualTo((9, 3, 64)));
            Assert.That((config.Vocabulary, config.MaxPositions, config.TiedEmbedding), Is.EqualTo((49152, 8192, true)));
            Assert.That((config.RmsNormEps, config.RopeTheta), Is.EqualTo(((double)1e-5f, 100000d)));
            Assert.That(config.EosTokenIds, Is.EqualTo((int[])[2]));
            Assert.That(model.Contains(TensorLayout.Head), Is.False);
            Assert.That(model.RopeFrequencyFactors, Is.Null);
            Assert.That(model.ChatTemplate, Does.Contain("<|im_start|>"));
            Assert.That(model.Tensor("model.embed_tokens.weight").Type, Is.EqualTo(StoredType.Q8_0));
            Assert.That(model.Tensor("model.layers.29.self_attn.k_proj.weight").Shape, Is.EqualTo((long[])[192, 576]));
            GgufVocabulary vocabulary = (GgufVocabulary)model.Tokenizer;
            Assert.That((vocabulary.Model, vocabulary.Pre, vocabulary.AddBos, vocabulary.BosId, vocabulary.EosId), Is.EqualTo(("gpt2", "smollm", false, 1, 2)));
            Assert.That((vocabulary.Tokens.Length, vocabulary.TokenTypes.Length, vocabulary.Merges[0]), Is.EqualTo((49152, 49152, "Ġ t")));
        });
        using FileStream stream = File.OpenRead(path);
        Assert.That(model.Digest, Is.EqualTo(Convert.ToHexStringLower(SHA256.HashData(stream))));
    }

    [TestCase("llama", new[] { 0, 2, 1, 3, 4, 6, 5, 7 }, new[] { 0, 2, 1, 3 }, Description = "stored 0 0' 1 1', wanted 0 1 0' 1'")]
    [TestCase("qwen2", new[] { 0, 1, 2, 3, 4, 5, 6, 7 }, new[] { 0, 1, 2, 3 })]
    [TestCase("qwen3", new[] { 0, 1, 2, 3, 4, 5, 6, 7 }, new[] { 0, 1, 2, 3 })]
    public void RowsOfQueriesAndKeysComeInHalves(string architecture, int[] queryRows, int[] keyRows)
    {
        using TemporaryFolder folder = new();
        using ModelFile model = ModelFile.Open(folder.Write("m.gguf", TinyGguf.Model(architecture).Build()));
        Assert.That(Rows(model, "q_proj"), Is.EqualTo(queryRows));
        Assert.That(Rows(model, "k_proj"), Is.EqualTo(keyRows));
        Assert.That(Rows(model, "v_proj"), Is.EqualTo((int[])[0, 1, 2, 3]));
    }

    [Test]
    public void FamiliesDifferInBiasesAndNorms()
    {
        using TemporaryFolder folder = new();
        using ModelFile llama = ModelFile.Open(folder.Write("llama.gguf", TinyGguf.Model("llama", tied: false).WithTensor("rope_freqs.weight", [2], [1, 8]).Build()));
        using ModelFile qwen2 = ModelFile.Open(folder.Write("qwen2.gguf", TinyGguf.Model("qwen2").Build()));
        using ModelFile qwen3 = ModelFile.Open(folder.Write("qwen3.gguf", TinyGguf.Model("qwen3").Build()));
        Assert.Multiple(() =>
        {
            Assert.That((llama.Config.QkvBias, llama.Config.QkNorm, llama.Config.TiedEmbedding), Is.EqualTo((false, false, false)));
            Assert.That((qwen2.Config.QkvBias, qwen2.Config.QkNorm, qwen2.Config.TiedEmbedding), Is.EqualTo((true, false, true)));
            Assert.That((qwen3.Config.QkvBias, qwen3.Config.QkNorm), Is.EqualTo((false, true)));
            Assert.That(llama.Tensor("lm_head.weight").Shape, Is.EqualTo((long[])[10, 8]));
            Assert.That(llama.RopeFrequencyFactors, Is.EqualTo((float[])[1, 8]));
            Assert.That(qwen2.Tensor("model.layers.0.self_attn.k_proj.bias").Shape, Is.EqualTo((long[])[4]));
            Assert.That(qwen3.Tensor("model.layers.0.self_attn.q_norm.weight").Shape, Is.EqualTo((long[])[4]));
            Assert.That(qwen3.Config.EosTokenIds, Is.EqualTo((int[])[3, 2]));
            Assert.That(() => qwen3.Tensor("lm_head.weight"), Throws.TypeOf<SealException>().With.Message.Contains("'lm_head.weight'"));
        });
    }

    [Test]
    public void AModelWithoutATokenizerOpensAndSaysSoWhenAsked()
    {
        using TemporaryFolder folder = new();
        using ModelFile model = ModelFile.Open(folder.Write("m.gguf", TinyGguf.Model("llama").Without("tokenizer.ggml.model").Build()));
        Assert.That(() => model.Tokenizer, Throws.TypeOf<SealException>().With.Message.Contains("tokenizer.ggml.model"));
    }

    public static IEnumerable<TestCaseData> Violations()
    {
        yield return Case(m => m.With("general.architecture", "mamba"), "'general.architecture' is 'mamba'");
        yield return Case(m => m.Without("llama.block_count"), "'llama.block_count' is missing");
        yield return Case(m => m.With("llama.block_count", 2u), "no tensor 'model.layers.1.input_layernorm.weight'");
        yield return Case(m => m.With("llama.block_count", 2147483647u), "no tensor 'model.layers.1.");
        yield return Case(m => m.With("llama.block_count", 0u), "number of layers is 0");
        yield return Case(m => m.With("llama.feed_forward_length", 13u), "'model.layers.0.mlp.gate_proj.weight' has shape [12, 8], but the configuration asks for [13, 8]");
        yield return Case(m => m.With("llama.attention.head_count", 3u), "which does not divide the hidden size 8");
        yield return Case(m => m.With("llama.attention.head_count", 0u), "'llama.attention.head_count' is 0");
        yield return Case(m => m.With("llama.attention.head_count_kv", 0u), "key/value heads is 0");
        yield return Case(m => m.With("llama.attention.head_count", 1u).With("llama.attention.head_count_kv", 2u), "cannot share");
        yield return Case(m => m.With("llama.attention.head_count", (uint[])[2]), "is a list of 1, expected an integer");
        yield return Case(m => m.With("llama.attention.key_length", 3u), "'llama.attention.head_count'|head size 3 is odd");
        yield return Case(m => m.With("llama.rope.dimension_count", 2u), "'llama.rope.dimension_count' is 2, expected the head size 4");
        yield return Case(m => m.With("llama.rope.scaling.type", "yarn"), "'llama.rope.scaling.type' is 'yarn'");
        yield return Case(m => m.With("llama.vocab_size", 11u), "'llama.vocab_size' is 11, but the embedding has 10 rows");
        yield return Case(m => m.With("llama.attention.layer_norm_rms_epsilon", float.NaN), "epsilon NaN");
        yield return Case(m => m.With("llama.rope.freq_base", -1f), "rotary base -1");
        yield return Case(m => m.With("split.count", (ushort)2), "several files");
        yield return Case(m => m.With("tokenizer.ggml.eos_token_id", 10u), "end-of-text token 10 is outside the vocabulary of 10");
        yield return Case(m => m.With("tokenizer.ggml.token_type", (int[])[1]), "has 1 entries for 4 tokens");
        yield return Case(m => m.With("tokenizer.ggml.tokens", new string[11].Select(_ => "x").ToArray()), "has 11 tokens");
        yield return Case(m => m.Without("token_embd.weight"), "no tensor 'token_embd.weight'");
        yield return Case(m => m.Without("blk.0.ffn_up.weight"), "no tensor 'model.layers.0.mlp.up_proj.weight'");
        yield return Case(m => m.WithTensor("blk.0.attn_q.bias", [8], new float[8]), "tensor 'model.layers.0.self_attn.q_proj.bias' is no part of a Llama model");
        yield return Case(m => m.WithTensor("blk.0.ffn_gate_inp.weight", [8], new float[8]), "tensor 'blk.0.ffn_gate_inp.weight' is no part");
        yield return Case(m => m.WithTensor("rope_freqs.weight", [3], [1, 1, 1]), "'rope_freqs.weight' has 3 elements");
        yield return Case(m => m.WithTensor("rope_freqs.weight", [2], [1, 0]), "not positive");
        yield return Case(m => m.Without("blk.0.ffn_up.weight").WithTensor("blk.0.ffn_up.weight", [12, 32], 16, new byte[12 * 32]), "'blk.0.ffn_up.weight' is stored as IQ2_XXS");

        static TestCaseData Case(Func<GgufBuilder, GgufBuilder> damage, string complaint) =>
            new TestCaseData(damage(TinyGguf.Model("llama")).Build(), complaint).SetArgDisplayNames(complaint);
    }

    [TestCaseSource(nameof(Violations))]
    public void WhatCannotBeComputedExactlyIsRefused(byte[] bytes, string complaint)
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("bad.gguf", bytes);
        SealException? error = Assert.Throws<SealException>(() => ModelFile.Open(path));
        Assert.That(error!.Message, Does.StartWith(path));
        Assert.That(complaint.Split('|').Any(error.Message.Contains), error.Message);
    }

    [Test]
    public void OtherFilesAreNoModels()
    {
        using TemporaryFolder folder = new();
        Assert.That(() => ModelFile.Open(folder.File("none")), Throws.TypeOf<SealException>().With.Message.Contains("no such file"));
        Assert.That(() => ModelFile.Open(folder.Write("m.bin", "x")), Throws.TypeOf<SealException>().With.Message.Contains("not a model"));
        Assert.That(() => ModelFile.Open(folder.Path), Throws.TypeOf<SealException>().With.Message.Contains("neither model.safetensors"));
    }

    /// <summary>Which row of the file each row is.</summary>
    private static IEnumerable<int> Rows(ModelFile model, string module)
    {
        StoredTensor tensor = model.Tensor($"model.layers.0.self_attn.{module}.weight");
        float[] values = SafetensorsTests.Read(tensor);
        Assert.That(values[1], Is.EqualTo(values[0] + 0.01f), "columns stay in order");
        return Enumerable.Range(0, (int)tensor.Shape[0]).Select(row => (int)values[row * 8]);
    }
}
