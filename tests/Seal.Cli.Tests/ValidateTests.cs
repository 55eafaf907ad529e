using Seal.Kernels.Native;
using Seal.Tests;
using static Seal.Cli.Tests.InProcess;

namespace Seal.Cli.Tests;

/// <summary><c>--validate</c>: libtorch beside the backend, in every command that computes.</summary>
public class ValidateTests
{
    [TestCase("f32")]
    [TestCase("bf16")]
    public void ATrainingOfTheNativeBackendIsValidated(string type)
    {
        if (!SealNative.TryLoad(out string trace))
            Assert.Ignore(trace);
        using var model = new TinyModel();
        using var work = new WorkFolder();
        string document = work.Write("fact.txt", "The sea is wide.");
        string[] line =
        [
            "adapt", "--model", model.Folder, "--document", document, "--backend", "native", "--dtype", type,
            "--set", "trial.inner.lora.rank=4", "--set", "trial.inner.epochs=2", "--set", "self_edit.max_tokens=16",
        ];
        Ran validated = RunSeal([.. line, "--validate", "--out", work["validated"]]);
        Assert.That(validated.Exit, Is.Zero, validated.Out + validated.Error);
        Assert.That(validated.Error, Does.Contain($"Validation: native in {type} against libtorch in f32").And.Contain("results within tolerance"));
        foreach (string name in (string[])["embed", "lora_linear", "causal_attention", "decode_attention", "linear_cross_entropy", "adamw", "sample"])
            Assert.That(validated.Error, Does.Contain($"| {name} "));
        // What was learned is the backend's own, to the bit.
        Assert.That(RunSeal([.. line, "--out", work["alone"]]).Exit, Is.Zero);
        Assert.That(File.ReadAllBytes(work["validated/adapter_model.safetensors"]), Is.EqualTo(File.ReadAllBytes(work["alone/adapter_model.safetensors"])));
    }

    [Test]
    public void TheReferenceCannotBeValidated()
    {
        using var model = new TinyModel();
        Ran ran = RunSeal("generate", "--model", model.Folder, "--prompt", "a", "--dtype", "f64", "--validate");
        Assert.That((ran.Exit, ran.Out), Is.EqualTo((1, "")));
        Assert.That(ran.Error, Does.Contain("leave out --validate"));
    }
}
