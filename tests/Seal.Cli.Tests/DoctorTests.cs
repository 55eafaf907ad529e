using System.Text.Json.Nodes;
using Seal.Kernels;
using Seal.Kernels.Native;
using static Seal.Cli.Tests.InProcess;

namespace Seal.Cli.Tests;

public class DoctorTests
{
    [Test]
    public void ItNamesWhatComputes()
    {
        Ran ran = RunSeal("doctor", "--json");
        Assert.That((ran.Exit, ran.Error), Is.EqualTo((0, "")));
        JsonNode machine = ran.Json["machine"]!;
        Assert.That((string)machine["instruction_set"]!, Is.AnyOf("avx512_bf16", "avx512", "avx2", "portable"));
        Assert.That((string)machine["operators"]!["rms_norm"]!, Is.EqualTo("torch"));
        Assert.That((string)machine["native_trace"]!, Does.Contain("libseal").Or.Contain("seal.dll"));
        Assert.That((string)machine["torch"]!, Does.StartWith("torch 2."));
    }

    [Test]
    public void TheNativeLibraryAndTheManagedSideAgreeOnTheProcessor()
    {
        if (!SealNative.TryLoad(out string trace))
            Assert.Ignore(trace);
        Assert.That(Processor.ComputesBFloat16, Is.EqualTo(SealNative.Cpu.Has("avx512_bf16")));
    }
}
