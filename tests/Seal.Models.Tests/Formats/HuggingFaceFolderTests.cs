using System.Security.Cryptography;
using Seal.Kernels;
using Seal.Models.Formats;
using Seal.Tests;

namespace Seal.Models.Tests.Formats;

public sealed class HuggingFaceFolderTests
{
    [TestCase("llama-tied", ModelFamily.Llama, 10000, true, 16)]
    [TestCase("llama3-rope", ModelFamily.Llama, 500000, false, 16)]
    [TestCase("odd-shapes", ModelFamily.Llama, 10000, false, 12)]
    [TestCase("qwen2-bias", ModelFamily.Qwen2, 1000000, false, 16)]
    [TestCase("qwen3-qknorm", ModelFamily.Qwen3, 1000000, true, 32)]
    public void GoldenModelsOpen(string golden, ModelFamily family, double theta, bool tied, int headDim)
    {
        using ModelFile model = ModelFile.Open(SharedFolder.Require("goldens", golden));
        ModelConfig config = model.Config;
        Assert.Multiple(() =>
        {
            Assert.That((config.Family, config.RopeTheta, config.TiedEmbedding, config.HeadDim), Is.EqualTo((family, theta, tied, headDim)));
            Assert.That((config.QkvBias, config.QkNorm), Is.EqualTo((family == ModelFamily.Qwen2, family == ModelFamily.Qwen3)));
            Assert.That(config.EosTokenIds, Is.EqualTo(family == ModelFamily.Llama ? [2] : Array.Empty<int>()));
            Assert.That(config.RopeScaling, Is.EqualTo(golden == "llama3-rope" ? new Llama3RopeScaling(8, 1, 4, 64) : null));
            Assert.That(model.Tensor("model.layers.1.mlp.down_proj.weight").Shape, Is.EqualTo((long[])[config.Hidden, config.Intermediate]));
            Assert.That(() => model.Tokenizer, Throws.TypeOf<SealException>().With.Message.Contains("tokenizer.json"));
        });
    }

    [Test]
    public void OlderFilesHaveTheRopeAtTheTop()
    {
        string scaled = TinyFolder.Config.Replace("\"rope_theta\"", """
            "rope_scaling": {"rope_type": "llama3", "factor": 32.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}, "rope_theta"
            """);
        using TemporaryFolder folder = TinyFolder.Make(scaled);
        using ModelFile model = ModelFile.Open(folder.Path);
        Assert.That(model.Config.RopeTheta, Is.EqualTo(500000));
        Assert.That(model.Config.RopeScaling, Is.EqualTo(new Llama3RopeScaling(32, 1, 4, 8192)));
        Assert.That(model.Config.EosTokenIds, Is.EqualTo((int[])[3, 4]));
    }

    [Test]
    public void GenerationConfigSaysWhatEndsAText()
    {
        using TemporaryFolder folder = TinyFolder.Make();
        folder.Write("generation_config.json", """{"eos_token_id": 7, "bos_token_id": 1}""");
        using ModelFile model = ModelFile.Open(folder.Path);
        Assert.That(model.Config.EosTokenIds, Is.EqualTo((int[])[7]));
        Assert.That(model.Config.BosTokenId, Is.EqualTo(1));
    }

    [Test]
    public void TokenizerAndTemplatesAreCarriedAlong()
    {
        using TemporaryFolder folder = TinyFolder.Make();
        folder.Write("tokenizer.json", "{\"é\": 1}");
        folder.Write("tokenizer_config.json", """{"chat_template": [{"name": "tools", "template": "T"}, {"name": "default", "template": "D"}]}""");
        using (ModelFile model = ModelFile.Open(folder.Path))
        {
            Assert.That(model.ChatTemplate, Is.EqualTo("D"));
            Assert.That(model.Tokenizer, Is.InstanceOf<TokenizerJson>());
            Assert.That(((TokenizerJson)model.Tokenizer).Json, Is.EqualTo("{\"é\": 1}"));
        }
        folder.Write("tokenizer_config.json", """{"chat_template": "S"}""");
        using (ModelFile model = ModelFile.Open(folder.Path)) Assert.That(model.ChatTemplate, Is.EqualTo("S"));
        folder.Write("chat_template.jinja", "J");
        using (ModelFile model = ModelFile.Open(folder.Path)) Assert.That(model.ChatTemplate, Is.EqualTo("J"));
    }

    [Test]
    public void ShardsAreOneModel()
    {
        using TemporaryFolder whole = TinyFolder.Make(), sharded = TinyFolder.MakeSharded();
        using ModelFile one = ModelFile.Open(whole.Path), two = ModelFile.Open(sharded.Path);
        foreach (TensorToWrite tensor in TinyFolder.Tensors())
            Assert.That(SafetensorsTests.Read(two.Tensor(tensor.Name)), Is.EqualTo(SafetensorsTests.Read(one.Tensor(tensor.Name))), tensor.Name);
        byte[] content = [.. File.ReadAllBytes(sharded.File("model-00001-of-00002.safetensors")), .. File.ReadAllBytes(sharded.File("model-00002-of-00002.safetensors"))];
        Assert.That(two.Digest, Is.EqualTo(Convert.ToHexStringLower(SHA256.HashData(content))));
        Assert.That(one.Digest, Is.EqualTo(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(whole.File("model.safetensors"))))));
    }

    [TestCase("model-00002-of-00002.safetensors", "model-00003-of-00002.safetensors", "cannot be read")]
    [TestCase("model-00002-of-00002.safetensors", "../model-00002-of-00002.safetensors", "in the same folder")]
    [TestCase("model.norm.weight", "model.other.weight", "'weight_map.model.other.weight' is said to be in model-00001")]
    [TestCase("\"model.norm.weight\": \"model-00001-of-00002.safetensors\",", "", "names 3 tensors in model-00001-of-00002.safetensors, which has 4")]
    [TestCase("weight_map", "weights", "'weight_map' is missing")]
    public void IndexAndShardsMustAgree(string find, string replace, string complaint)
    {
        using TemporaryFolder folder = TinyFolder.MakeSharded(index => index.Replace(find, replace));
        Assert.That(() => ModelFile.Open(folder.Path), Throws.TypeOf<SealException>().With.Message.Contains(complaint));
    }

    [TestCase("\"llama\"", "\"gemma\"", "'model_type' is 'gemma'")]
    [TestCase("\"model_type\"", "\"hidden_act\": \"gelu\", \"model_type\"", "'hidden_act' is 'gelu'")]
    [TestCase("\"model_type\"", "\"attention_bias\": true, \"model_type\"", "'attention_bias' is true")]
    [TestCase("\"model_type\"", "\"layer_types\": [\"sliding_attention\"], \"model_type\"", "'layer_types' has 'sliding_attention'")]
    [TestCase("\"model_type\"", "\"quantization_config\": {\"bits\": 4}, \"model_type\"", "'quantization_config' is given")]
    [TestCase("\"model_type\"", "\"rope_parameters\": {\"rope_type\": \"yarn\"}, \"model_type\"", "'rope_parameters.rope_type' is 'yarn'")]
    [TestCase("\"model_type\"", "\"rope_scaling\": {\"type\": \"llama3\"}, \"model_type\"", "'rope_scaling.factor' is missing")]
    [TestCase("\"hidden_size\": 8,", "", "'hidden_size' is missing")]
    [TestCase("\"hidden_size\": 8", "\"hidden_size\": \"8\"", "'hidden_size' is \"8\", expected an integer")]
    [TestCase("\"hidden_size\": 8", "\"hidden_size\": 8589934592", "'hidden_size' is 8589934592")]
    [TestCase("\"hidden_size\": 8", "\"hidden_size\": 16", "has shape [10, 8], but the configuration asks for [10, 16]")]
    [TestCase("\"num_attention_heads\": 2", "\"num_attention_heads\": 0", "'num_attention_heads' is 0")]
    [TestCase("\"num_key_value_heads\": 1", "\"num_key_value_heads\": -1", "key/value heads is -1")]
    [TestCase("\"num_hidden_layers\": 1", "\"num_hidden_layers\": 2147483647", "no tensor 'model.layers.1.")]
    [TestCase("\"tie_word_embeddings\": true", "\"tie_word_embeddings\": false", "no tensor 'lm_head.weight'")]
    [TestCase("[3, 4]", "[3, \"x\"]", "'eos_token_id[1]' is \"x\"")]
    [TestCase("[3, 4]", "-1", "end-of-text token -1 is outside")]
    [TestCase("500000.0", "1e999", "'rope_theta' is 1e999")]
    [TestCase("{", "", "not valid JSON")]
    public void WhatCannotBeComputedExactlyIsRefused(string find, string replace, string complaint)
    {
        using TemporaryFolder folder = TinyFolder.Make(TinyFolder.Config.Replace(find, replace));
        Assert.That(() => ModelFile.Open(folder.Path), Throws.TypeOf<SealException>().With.Message.StartsWith(folder.Path).And.Message.Contains(complaint));
    }

    [Test]
    public void MissingAndForeignTensorsAreRefusedAndRedundantOnesIgnored()
    {
        using TemporaryFolder folder = TinyFolder.Make();
        List<TensorToWrite> tensors = TinyFolder.Tensors();
        string path = folder.File("model.safetensors");

        SafetensorsWriter.Write(path, tensors[..^1]);
        Assert.That(() => ModelFile.Open(folder.Path), Throws.TypeOf<SealException>().With.Message.Contains("'model.layers.0.mlp.down_proj.weight'"));

        SafetensorsWriter.Write(path, [.. tensors, new TensorToWrite("model.layers.0.self_attn.q_proj.bias", [8], new float[8])]);
        Assert.That(() => ModelFile.Open(folder.Path), Throws.TypeOf<SealException>().With.Message.Contains("'model.layers.0.self_attn.q_proj.bias' is no part"));

        SafetensorsWriter.Write(path, [.. tensors, new TensorToWrite("lm_head.weight", [10, 8], new float[80]), new TensorToWrite("model.layers.0.self_attn.rotary_emb.inv_freq", [2], new float[2])]);
        using ModelFile model = ModelFile.Open(folder.Path);
        Assert.That(model.Contains("lm_head.weight"), Is.False);
    }

    [Test]
    public void PickledWeightsGetAHint()
    {
        using TemporaryFolder folder = new();
        folder.Write("config.json", TinyFolder.Config);
        folder.Write("pytorch_model.bin", "x");
        Assert.That(() => ModelFile.Open(folder.Path), Throws.TypeOf<SealException>().With.Message.Contains("save the model as safetensors"));
    }
}
