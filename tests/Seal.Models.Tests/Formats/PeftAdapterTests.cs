using System.Text.Json.Nodes;
using Seal.Kernels;
using Seal.Models.Formats;
using Seal.Tests;

namespace Seal.Models.Tests.Formats;

public sealed class PeftAdapterTests
{
    [TestCase("llama-tied/single_init", 8, 16, "q_proj k_proj v_proj o_proj gate_proj up_proj down_proj")]
    [TestCase("odd-shapes/accumulate_init", 5, 20, "q_proj o_proj down_proj")]
    [TestCase("qwen2-bias/batch_final", 4, 4, "q_proj v_proj")]
    [TestCase("qwen3-qknorm/single_final", 8, 16, "q_proj k_proj v_proj o_proj gate_proj up_proj down_proj")]
    public void GoldenAdaptersAreReadAndWrittenAsTheReferenceDoes(string name, int rank, double alpha, string targets)
    {
        string golden = SharedFolder.Require(["goldens", .. name.Split('/')]);
        PeftAdapter adapter = PeftAdapter.Read(golden);
        using ModelFile model = ModelFile.Open(Path.GetDirectoryName(golden)!);
        adapter.RequireFits(model.Config, golden);
        Assert.That((adapter.Rank, adapter.Alpha, adapter.Scale), Is.EqualTo((rank, alpha, alpha / rank)));
        Assert.That(adapter.TargetModules, Is.EqualTo(targets.Split(' ')));
        Assert.That(adapter.Weights, Has.Count.EqualTo(model.Config.Layers * adapter.TargetModules.Count));

        using TemporaryFolder folder = new();
        adapter.Write(folder.File("again"));
        Assert.That(File.ReadAllBytes(folder.File("again/adapter_model.safetensors")), Is.EqualTo(File.ReadAllBytes(Path.Combine(golden, "adapter_model.safetensors"))));
    }

    [Test]
    public void WhatIsWrittenIsReadAndFilesDoNotPileUp()
    {
        using TemporaryFolder folder = new();
        PeftAdapter written = Tiny() with { Alpha = 0.1, Dropout = 0.25, RankStabilized = true, BaseModel = "base" };
        Tiny().Write(folder.Path);
        written.Write(folder.Path);
        PeftAdapter read = PeftAdapter.Read(folder.Path);
        Assert.That((read.Rank, read.Alpha, read.Dropout, read.RankStabilized, read.BaseModel), Is.EqualTo((2, 0.1, 0.25, true, "base")));
        Assert.That(read.Scale, Is.EqualTo(0.1 / Math.Sqrt(2)));
        Assert.That(read.TargetModules, Is.EqualTo(written.TargetModules));
        Assert.That(read.Weights.Keys, Is.EqualTo(written.Weights.Keys));
        foreach (((int, string) key, LoraPair pair) in written.Weights)
        {
            Assert.That(read.Weights[key].A, Is.EqualTo(pair.A));
            Assert.That(read.Weights[key].B, Is.EqualTo(pair.B));
            Assert.That((read.Weights[key].In, read.Weights[key].Out), Is.EqualTo((pair.In, pair.Out)));
        }
        Assert.That(Directory.GetFiles(folder.Path).Select(Path.GetFileName), Is.EquivalentTo((string[])["adapter_config.json", "adapter_model.safetensors"]));
    }

    [Test]
    public void AnAdapterThatIsNotWholeIsNotWrittenOverOneThatIs()
    {
        using TemporaryFolder folder = new();
        Tiny().Write(folder.Path);
        PeftAdapter misshapen = Tiny(), gap = Tiny();
        misshapen.Weights[(0, "q_proj")] = misshapen.Weights[(0, "q_proj")] with { In = 7 };
        gap.Weights.Remove((0, "down_proj"));
        Assert.That(() => misshapen.Write(folder.Path), Throws.InvalidOperationException.With.Message.Contains("layer 0's q_proj"));
        Assert.That(() => gap.Write(folder.Path), Throws.InvalidOperationException);
        Assert.That(PeftAdapter.Read(folder.Path).Weights[(0, "q_proj")].In, Is.EqualTo(8));
    }

    [Test]
    public void AWriteThatFailsHalfwayLeavesNoSettingsToOtherWeights()
    {
        using TemporaryFolder folder = new();
        Tiny().Write(folder.Path);
        File.Delete(folder.File("adapter_model.safetensors"));
        Directory.CreateDirectory(folder.File("adapter_model.safetensors")); // in the way of the new weights
        Assert.That(() => (Tiny() with { Alpha = 8 }).Write(folder.Path), Throws.TypeOf<SealException>().With.Message.Contains("adapter_model.safetensors: cannot be written"));
        Assert.That(File.Exists(folder.File("adapter_config.json")), Is.False);
        Assert.That(Directory.GetFiles(folder.Path), Is.Empty);
    }

    [Test]
    public void AnAdapterOfAnotherModelDoesNotFit()
    {
        using TemporaryFolder folder = TinyFolder.Make();
        using ModelFile model = ModelFile.Open(folder.Path);
        PeftAdapter adapter = Tiny();
        Assert.That(() => adapter.RequireFits(model.Config with { Layers = 2 }, "a"), Throws.Nothing);
        Assert.That(() => adapter.RequireFits(model.Config, "a"), Throws.TypeOf<SealException>().With.Message.Contains("2 layers, the model 1"));
        Assert.That(() => adapter.RequireFits(model.Config with { Layers = 2, HeadDim = 6 }, "a"), Throws.TypeOf<SealException>().With.Message.Contains("q_proj takes 8 and gives 8, in the model 8 and 12"));
    }

    [TestCase("peft_type", "\"IA3\"", "'peft_type' is 'IA3'")]
    [TestCase("task_type", "\"SEQ_CLS\"", "'task_type' is 'SEQ_CLS'")]
    [TestCase("bias", "\"all\"", "'bias' is 'all'")]
    [TestCase("rank_pattern", "{\"q_proj\": 4}", "'rank_pattern' is {\"q_proj\":4}, which is not supported")]
    [TestCase("alpha_pattern", "{\"q_proj\": 4}", "'alpha_pattern'")]
    [TestCase("modules_to_save", "[\"lm_head\"]", "'modules_to_save'")]
    [TestCase("layers_to_transform", "0", "'layers_to_transform' is 0")]
    [TestCase("use_dora", "true", "'use_dora' is true")]
    [TestCase("init_lora_weights", "\"pissa\"", "'init_lora_weights' is 'pissa'")]
    [TestCase("r", "0", "'r' is 0")]
    [TestCase("r", "3", "has shape [2, 8], expected [3, in]")]
    [TestCase("lora_alpha", "-1", "'lora_alpha' is -1")]
    [TestCase("lora_alpha", "null", "'lora_alpha' is missing")]
    [TestCase("lora_dropout", "1", "'lora_dropout' is 1")]
    [TestCase("target_modules", "\".*q_proj\"", "is the pattern '.*q_proj'")]
    [TestCase("target_modules", "\"all-linear\"", "no tensor 'base_model.model.model.layers.0.self_attn.k_proj.lora_A.weight'")]
    [TestCase("target_modules", "[\"lm_head\"]", "has 'lm_head', expected names among q_proj")]
    [TestCase("target_modules", "[\"q_proj\"]", "down_proj is not in adapter_config.json's 'target_modules'")]
    [TestCase("target_modules", "[\"q_proj\", \"q_proj\", \"down_proj\"]", "names a module twice")]
    [TestCase("target_modules", "[]", "'target_modules' is empty")]
    public void SettingsThatWouldComputeSomethingElseAreRefused(string field, string value, string complaint)
    {
        using TemporaryFolder folder = new();
        Tiny().Write(folder.Path);
        JsonNode config = JsonNode.Parse(File.ReadAllText(folder.File("adapter_config.json")))!;
        config[field] = JsonNode.Parse(value);
        folder.Write("adapter_config.json", config.ToJsonString());
        Assert.That(() => PeftAdapter.Read(folder.Path), Throws.TypeOf<SealException>().With.Message.StartsWith(folder.Path).And.Message.Contains(complaint));
    }

    [Test]
    public void MissingAndUnexpectedKeysAreRefused()
    {
        const string prefix = "base_model.model.model.layers.";
        Assert.That(With(tensors => tensors.RemoveAll(tensor => tensor.Name == prefix + "0.self_attn.q_proj.lora_B.weight")), Does.Contain("no tensor 'base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight'"));
        Assert.That(With(tensors => tensors.RemoveAll(tensor => tensor.Name.StartsWith(prefix + "0"))), Does.Contain("no tensor"));
        Assert.That(With(tensors => tensors.Clear()), Does.Contain("no adapter weights"));
        Assert.That(With(tensors => tensors.Add(new("lm_head.weight", [1], new float[1]))), Does.Contain("unexpected tensor 'lm_head.weight'"));
        Assert.That(With(tensors => tensors.Add(new(prefix + "01.self_attn.q_proj.lora_A.weight", [1], new float[1]))), Does.Contain("unexpected tensor"));
        Assert.That(With(tensors => tensors.Add(new(prefix + "0.mlp.q_proj.lora_A.weight", [1], new float[1]))), Does.Contain("unexpected tensor"));
        Assert.That(With(tensors => tensors.Add(new(prefix + "2147483647.self_attn.q_proj.lora_A.weight", [1], new float[1]))), Does.Contain("no tensor 'base_model.model.model.layers.2."));
        Assert.That(With(tensors => tensors[0] = tensors[0] with { Shape = [tensors[0].Values.Length] }), Does.Contain("has shape ["));
    }

    [Test]
    public void AFolderWithoutAnAdapterSaysWhatIsMissing()
    {
        using TemporaryFolder folder = new();
        Assert.That(() => PeftAdapter.Read(folder.File("none")), Throws.TypeOf<SealException>().With.Message.Contains("no such folder"));
        Assert.That(() => PeftAdapter.Read(folder.Path), Throws.TypeOf<SealException>().With.Message.Contains("adapter_config.json: cannot be read"));
    }

    /// <summary>The complaint about the tiny adapter with other tensors.</summary>
    private static string With(Action<List<TensorToWrite>> change)
    {
        using TemporaryFolder folder = new();
        Tiny().Write(folder.Path);
        List<TensorToWrite> tensors;
        using (SafetensorsFile file = SafetensorsFile.Open(folder.File("adapter_model.safetensors")))
            tensors = [.. file.Tensors.Values.Select(tensor => new TensorToWrite(tensor.Name, tensor.Shape, SafetensorsTests.Read(tensor)))];
        change(tensors);
        SafetensorsWriter.Write(folder.File("adapter_model.safetensors"), tensors);
        return Assert.Throws<SealException>(() => PeftAdapter.Read(folder.Path))!.Message;
    }

    /// <summary>Rank 2 on q and down of the two layers of a model of hidden size 8, feed-forward 12.</summary>
    internal static PeftAdapter Tiny()
    {
        PeftAdapter adapter = new() { Rank = 2, Alpha = 4, TargetModules = ["q_proj", "down_proj"] };
        for (int layer = 0; layer < 2; layer++)
        {
            adapter.Weights[(layer, "q_proj")] = new LoraPair(TinyGguf.Values([2, 8]), TinyGguf.Values([8, 2]), 8, 8);
            adapter.Weights[(layer, "down_proj")] = new LoraPair(TinyGguf.Values([2, 12]), TinyGguf.Values([8, 2]), 12, 8);
        }
        return adapter;
    }
}
