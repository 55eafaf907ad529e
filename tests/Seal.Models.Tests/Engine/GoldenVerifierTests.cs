using Seal.Kernels;
using Seal.Models.Goldens;
using Seal.Models.Tests.Formats;
using Seal.Tests;

namespace Seal.Models.Tests.Engine;

/// <summary>What transformers and peft compute, within the limits that the goldens state.</summary>
public sealed class GoldenVerifierTests
{
    [TestCase("llama-tied", "forward logits", "greedy tokens that differ", "training/accumulate final weights (relative)")]
    [TestCase("llama3-rope", "forward loss", "training/single first gradient (relative)")]
    [TestCase("odd-shapes", "forward logits", "training/batch loss")]
    [TestCase("qwen2-bias", "forward token log-probabilities", "training/batch gradient norm (relative)")]
    [TestCase("qwen3-qknorm", "forward logits", "training/single learning rate")]
    [TestCase("gguf-types", "dequantize")]
    [TestCase("chat-chatml", "chat renderings that differ")]
    [TestCase("chat-headers", "chat renderings that differ")]
    [TestCase("chat-namespaced", "chat renderings that differ")]
    [TestCase("tokenizer-gpt2-style", "tokenizer texts that differ")]
    [TestCase("tokenizer-llama3-style", "tokenizer texts that differ")]
    [TestCase("tokenizer-qwen2-style", "tokenizer texts that differ")]
    [TestCase("tokenizer-smollm-style", "tokenizer texts that differ")]
    public void EveryQuantityIsWithinItsLimit(string folder, params string[] expected)
    {
        IReadOnlyList<GoldenCheck> checks = Verify(folder);
        foreach (string quantity in expected)
            Assert.That(checks.Select(check => check.Quantity), Has.Some.StartsWith(quantity));
    }

    [Test]
    [Category("Slow")]
    public void EveryQuantityOfARealModelIsWithinItsLimit()
    {
        IReadOnlyList<GoldenCheck> checks = Verify("smollm2-135m");
        GoldenCheck tokenizer = checks.Single(check => check.Quantity == "tokenizer texts that differ");
        Assert.That((tokenizer.Error, tokenizer.Cases), Is.EqualTo((0.0, 252)));
        Assert.That(checks.Select(check => check.Quantity), Does.Contain("forward logits").And.Contains("training/qv_r4 final weights (relative)"));
    }

    [Test]
    public void AWrongWeightIsFound()
    {
        string golden = SharedFolder.Require("goldens", "llama-tied");
        using TemporaryFolder folder = new();
        foreach (string file in (string[])["config.json", "golden.json", "forward.safetensors", "model.safetensors"])
            File.Copy(Path.Combine(golden, file), folder.File(file));
        folder.Write("golden.json", File.ReadAllText(folder.File("golden.json")).Replace("\"training\"", "\"unused\""));
        using (FileStream weights = File.Open(folder.File("model.safetensors"), FileMode.Open))
        {
            // The last numbers of the file, made large.
            weights.Seek(-64, SeekOrigin.End);
            weights.Write([.. Enumerable.Repeat(BitConverter.GetBytes(3f), 16).SelectMany(bytes => bytes)]);
        }
        using TorchOperators operators = new(Device.Host, DType.F32);
        IReadOnlyList<GoldenCheck> checks = new GoldenVerifier(operators).Verify(folder.Path);
        Assert.That(checks.Single(check => check.Quantity == "forward logits").Passed, Is.False);
    }

    [Test]
    public void NotANumberIsNeverWithinALimit() => Assert.That(new GoldenCheck("x", double.NaN, 1, 1).Passed, Is.False);

    [TestCase(null, "no golden.json")]
    [TestCase("{", "golden.json: field")]
    [TestCase("null", "is null")]
    [TestCase("""{"format": 1, "model": "nowhere", "greedy": [{"input_ids": [1], "output_ids": [2], "top2_margin": [1]}]}""", "nowhere: no such file or folder")]
    public void AFolderThatCannotBeUsedIsNamed(string? json, string complaint)
    {
        using TemporaryFolder folder = new();
        if (json is not null)
            folder.Write("golden.json", json);
        using TorchOperators operators = new(Device.Host, DType.F32);
        Assert.That(() => new GoldenVerifier(operators).Verify(folder.Path), Throws.TypeOf<SealException>().With.Message.Contains(complaint).And.Message.Contains(folder.Path));
    }

    [Test]
    public void AFolderWithoutASupportedSectionHasNoChecks()
    {
        using TemporaryFolder folder = new();
        folder.Write("golden.json", """{"format": 1, "model": "nowhere"}""");
        using TorchOperators operators = new(Device.Host, DType.F32);
        Assert.That(new GoldenVerifier(operators).Verify(folder.Path), Is.Empty);
    }

    [TestCase("llama-tied")]
    [TestCase("llama3-rope")]
    [TestCase("odd-shapes")]
    [TestCase("qwen2-bias")]
    [TestCase("qwen3-qknorm")]
    public void TheNativeBackendKeepsTheLimitsToo(string folder)
    {
        using NativeOperators operators = NativeEngineTests.RequireNative(DType.F32);
        Verify(folder, operators);
    }

    /// <summary>In bf16 a loss is held to what bf16 costs libtorch on the same run, and every other error is told.</summary>
    [TestCase("llama-tied")]
    [TestCase("qwen3-qknorm")]
    public void NativeBFloat16CostsNotMuchMoreThanLibtorchs(string folder)
    {
        using NativeOperators operators = NativeEngineTests.RequireNative(DType.BF16);
        using Operators yardstick = GoldenVerifier.Yardstick();
        IReadOnlyList<GoldenCheck> checks = Verify(folder, operators, yardstick);
        foreach (GoldenCheck check in checks.Where(check => check.Quantity.EndsWith(" loss, rms", StringComparison.Ordinal)))
            Assert.That(check.Limit, Is.EqualTo(1.5 * check.Yardstick + 1e-3), check.Quantity);
        Assert.That(checks.Select(check => check.Quantity), Has.Some.EqualTo("forward loss, rms").And.Some.StartsWith("training/").And.Some.EqualTo("forward loss"));
        Assert.That(checks.Single(check => check.Quantity == "forward logits"), Has.Property("Limit").Null.And.Property("Yardstick").GreaterThan(0));
    }

    private static IReadOnlyList<GoldenCheck> Verify(string folder)
    {
        using TorchOperators operators = new(Device.Host, DType.F32);
        return Verify(folder, operators);
    }

    private static IReadOnlyList<GoldenCheck> Verify(string folder, Operators operators, Operators? yardstick = null)
    {
        string path = SharedFolder.Require("goldens", folder);
        IReadOnlyList<GoldenCheck> checks = new GoldenVerifier(operators, yardstick).Verify(path);
        Assert.That(checks, Is.Not.Empty);
        foreach (GoldenCheck check in checks)
            TestContext.Out.WriteLine($"{check.Quantity}: {check.Error:g3} of {check.Limit:g3}, {check.Cases} cases");
        Assert.That(checks.Where(check => !check.Passed), Is.Empty);
        return checks;
    }
}
