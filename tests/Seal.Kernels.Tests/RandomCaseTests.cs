using Seal.Kernels.Cases;
using Seal.Kernels.Tests.Native;

namespace Seal.Kernels.Tests;

/// <summary>Random shapes on every backend and instruction set: against float64, and by finite differences.</summary>
[TestFixture("torch")]
[TestFixture("avx512_bf16")]
[TestFixture("avx512")]
[TestFixture("avx2")]
[TestFixture("portable")]
public class RandomCaseTests(string backend)
{
    private const int Rounds = 4;

    [Test]
    public void MatchTheReference([Values(DType.F32, DType.BF16)] DType activation, [Range(0, Rounds - 1)] int round)
    {
        using Operators operators = Open(activation);
        using TorchOperators reference = new(Device.Host, DType.F64);
        foreach (OperatorCase operatorCase in RandomCases.Round(round))
            Assess(CaseVerbs.Test(operatorCase, operators, reference));
    }

    [Test]
    public void MatchFiniteDifferences([Range(0, Rounds - 1)] int round)
    {
        using Operators operators = Open(backend == "torch" ? DType.F64 : DType.F32);
        foreach (OperatorCase operatorCase in RandomCases.Differentiable(round))
            Assess(CaseVerbs.Grad(operatorCase, operators));
    }

    [Test]
    public void TheSeedDeterminesTheShapes()
    {
        string[] Shapes(int round) => [.. RandomCases.Round(round).Select(c => c.ToString())];
        Assert.That(Shapes(0), Is.EqualTo(Shapes(0)).And.Not.EqualTo(Shapes(1)));
    }

    private Operators Open(DType activation) =>
        backend == "torch" ? new TorchOperators(Device.Host, activation) : NativeBuild.RequireOperators(backend, activation, threads: 2);

    private static void Assess(CaseReport report) =>
        Assert.That(report.Findings.All(finding => finding.Passed), $"SEAL_CASE_SEED={RandomCases.Seed}\n{report}");
}
