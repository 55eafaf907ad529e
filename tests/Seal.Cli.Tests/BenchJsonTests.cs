using System.Text.Json;
using Seal.Kernels;
using Seal.Kernels.Native;
using Seal.Learning.Journal;
using Seal.Models.Benchmarks;

namespace Seal.Cli.Tests;

/// <summary>What scripts read of <c>seal bench inner-step --json</c>: these names are a promise.</summary>
public class BenchJsonTests
{
    [Test]
    public void TheFieldsHaveTheirNames()
    {
        var native = new InnerStepTime("native", DType.BF16, 512, 1, 700, 731.4, 0.9, 1200, 1.7, [1.6, 1.8], 1100, 0);
        var report = new InnerStepReport("a processor", "avx512_bf16", 2, new MachinePeaks(230, 460, 34), [native, native with { Backend = "libtorch", PeakRssMb = null }], []);
        JsonElement root = JsonSerializer.SerializeToElement(report, CanonicalJson.Readable);
        Assert.Multiple(() =>
        {
            Assert.That(Names(root), Is.EqualTo(new[] { "cpu", "isa", "threads", "peaks", "steps", "notes" }));
            Assert.That(Names(root.GetProperty("peaks")), Is.EqualTo(new[] { "fma_f32_gflops", "dot_bf16_gflops", "dram_gbps" }));
            foreach (JsonElement step in root.GetProperty("steps").EnumerateArray())
                Assert.That(Names(step), Is.EqualTo(new[]
                {
                    "backend", "dtype", "tokens", "adapters", "ms", "tokens_per_s", "share_of_peak", "libtorch_ms", "ratio", "ratio_interval", "peak_rss_mb", "allocated_bytes",
                }));
            Assert.That(root.GetProperty("steps")[0].GetProperty("dtype").GetString(), Is.EqualTo("bf16"));
        });
    }

    /// <summary>On a machine without a GPU each of its backends says in one line what is missing, before anything is measured.</summary>
    [TestCase("cuda", "the cuda backend cannot be had: ")]
    [TestCase("ilgpu", "ilgpu would be simulated here")]
    [TestCase("torch-cuda", "TorchSharp's CUDA build is not restored")]
    public void WithoutAGpuItSaysSo(string backend, string complaint)
    {
        if (SealNative.CudaAbsence is null)
            Assert.Ignore("this machine has a GPU and its library");
        Ran ran = InProcess.RunSeal("bench", "inner-step", "--backend", backend, "--tokens", "8", "--repeats", "1");
        Assert.That((ran.Exit, ran.Out), Is.EqualTo((ExitCode.Failure, "")));
        Assert.That(ran.Error, Does.StartWith("seal: ").And.Contain(complaint));
        Assert.That(ran.Error.TrimEnd(), Does.Not.Contain("\n"));
    }

    [Test]
    public void TracesAreTheProcessorsAndOperatorsNotIlgpus()
    {
        Assert.That(InProcess.RunSeal("bench", "inner-step", "--backend", "cuda", "--trace", "step.json").Error, Does.Contain("leave out --backend cuda"));
        Assert.That(InProcess.RunSeal("bench", "inner-step", "--backend", "ilgpu", "--operators").Error, Does.Contain("not on ilgpu"));
        Assert.That(File.Exists("step.json"), Is.False);
    }

    private static IEnumerable<string> Names(JsonElement element) => element.EnumerateObject().Select(property => property.Name);
}
