using System.Text.Json.Nodes;
using Seal.Kernels.Native;
using static Seal.Cli.Tests.InProcess;

namespace Seal.Cli.Tests;

public class KernelsTests
{
    [Test]
    public void EveryResultIsToldWithTheToleranceItUsed()
    {
        Ran ran = RunSeal("kernels", "test", "--op", "swiglu", "--backend", "torch", "--dtype", "f32");
        Assert.That(ran.Exit, Is.Zero, ran.Out + ran.Error);
        Assert.That(ran.Out, Does.Contain("swiglu(5x33)").And.Contain("d gate").And.Contain("elementwise").And.Match(@"\d+ %"));
        Assert.That(ran.Out, Does.EndWith("4 of 4 cases within tolerance\n"));
    }

    [Test]
    public void TheNativeBackendRunsEveryInstructionSetThatThereIs()
    {
        if (!SealNative.TryLoad(out string trace))
            Assert.Ignore(trace);
        JsonNode json = RunSeal("kernels", "test", "--op", "zero", "--backend", "native", "--json").Json;
        string[] ran = [.. json["cases"]!.AsArray().Select(c => (string)c!["lane"]!)], notRun = [.. json["not_run"]!.AsArray().Select(c => (string)c!["lane"]!)];
        Assert.That(ran.Concat(notRun), Is.EquivalentTo(Enum.GetValues<InstructionSet>().SelectMany(set => new[] { $"native {set.Name()} f32", $"native {set.Name()} bf16" })));
        Assert.That(ran, Does.Contain("native portable bf16").And.Contain($"native {SealNative.Best.Name()} f32"));
        Assert.That((bool)json["passed"]!);
    }

    [Test]
    public void OneInstructionSetCanBeNamed()
    {
        if (!SealNative.TryLoad(out string trace))
            Assert.Ignore(trace);
        Ran ran = RunSeal("kernels", "grad", "--op", "rope", "--backend", "native", "--isa", "portable");
        Assert.That(ran.Exit, Is.Zero, ran.Out + ran.Error);
        Assert.That(ran.Out, Does.Contain("native portable f32").And.Contain("finite difference").And.Not.Contain("avx2"));
    }

    [Test]
    public void PerfTellsTimesOfCasesThatAreRight()
    {
        Ran ran = RunSeal("kernels", "perf", "--op", "add", "--backend", "torch", "--dtype", "f32", "--json");
        JsonNode time = ran.Json["cases"]![0]!["times"]![0]!;
        Assert.That((double)time["median_ms"]!, Is.GreaterThan(0));
        // 512 x 576 additions, three times as many floats: the formulas agree with each other.
        Assert.That((double)time["gigabytes_per_second"]! / (double)time["gflops"]!, Is.EqualTo(12).Within(1e-9));
    }

    [Test]
    public void SupportIsATableOfOperatorsAndBackends()
    {
        JsonNode json = RunSeal("kernels", "support", "--json").Json;
        Assert.That((string)json["rms_norm"]!["torch"]!, Is.EqualTo("native"));
        Assert.That((string)json["adamw"]!["native"]!, Is.EqualTo(SealNative.TryLoad(out _) ? "native" : "absent"));
        Assert.That(RunSeal("doctor").Out, Does.Contain("seal kernels test").And.Contain("| linear_cross_entropy |"));
    }

    /// <summary>Without a driver, a device or the library the backend says in one line what is missing.</summary>
    [Test]
    public void CudaIsThereOrSaysWhatItLacks()
    {
        string support = (string)RunSeal("kernels", "support", "--json").Json["rms_norm"]!["cuda"]!;
        if (SealNative.CudaAbsence is not { } absence)
        {
            Assert.That(support, Is.EqualTo("native"));
            return;
        }
        Assert.That(support, Is.EqualTo($"absent ({absence.Brief})"));
        Assert.That(absence.Reason, Does.Not.Contain("\n"));
        Assert.That(RunSeal("doctor").Out, Does.Contain($"CUDA kernels absent: {absence.Reason}").And.Contain(absence.Brief));
        Ran ran = RunSeal("doctor", "--backend", "cuda");
        Assert.That((ran.Exit, ran.Out, ran.Error), Is.EqualTo((ExitCode.Failure, "", $"seal: the cuda backend cannot be had: {absence.Reason}\n")));
        JsonNode notRun = RunSeal("kernels", "test", "--backend", "cuda", "--json").Json;
        Assert.That((string)notRun["not_run"]![0]!["reason"]!, Is.EqualTo(absence.Reason));
        Assert.That((bool)notRun["passed"]!, Is.False);
    }

    [TestCase("--op is 'warp'", "kernels", "test", "--op", "warp")]
    [TestCase("instruction set 'neon' is not known", "kernels", "test", "--backend", "native", "--isa", "neon")]
    [TestCase("--isa is the native backend's", "kernels", "test", "--backend", "torch", "--isa", "avx2")]
    [TestCase("hides finite differences", "kernels", "grad", "--dtype", "bf16")]
    public void WhatCannotBeAskedIsSaid(string complaint, params string[] line)
    {
        Ran ran = RunSeal(line);
        Assert.That((ran.Exit, ran.Out), Is.EqualTo((1, "")));
        Assert.That(ran.Error, Does.StartWith("seal: ").And.Contain(complaint));
    }
}
