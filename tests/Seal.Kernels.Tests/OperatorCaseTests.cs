using Seal.Kernels.Cases;
using Seal.Kernels.Ilgpu;
using Seal.Kernels.Tests.Ilgpu;
using Seal.Kernels.Tests.Native;

namespace Seal.Kernels.Tests;

/// <summary>One line a backend (the native one by its instruction sets): every case of the list against the float64 reference.</summary>
[TestFixture("torch", DType.F32)]
[TestFixture("torch", DType.BF16)]
[TestFixture("avx512_bf16", DType.F32)]
[TestFixture("avx512_bf16", DType.BF16)]
[TestFixture("avx512", DType.F32)]
[TestFixture("avx512", DType.BF16)]
[TestFixture("avx2", DType.F32)]
[TestFixture("avx2", DType.BF16)]
[TestFixture("portable", DType.F32)]
[TestFixture("portable", DType.BF16)]
[TestFixture("ilgpu", DType.F32)]
[TestFixture("ilgpu", DType.BF16)]
public class OperatorCaseTests(string backend, DType activation)
{
    private Operators? _backend;
    private TorchOperators? _reference;

    [OneTimeSetUp]
    public void Open()
    {
        _backend = backend switch
        {
            "torch" => new TorchOperators(Device.Host, activation),
            "ilgpu" => IlgpuBackend.OpenSimulated(activation),
            _ => NativeBuild.RequireOperators(backend, activation),
        };
        _reference = new TorchOperators(Device.Host, DType.F64);
    }

    [OneTimeTearDown]
    public void Close()
    {
        _backend?.Dispose();
        _reference?.Dispose();
    }

    [TestCaseSource(typeof(OperatorCases), nameof(OperatorCases.All))]
    public void MatchesTheReference(OperatorCase operatorCase)
    {
        if (backend == "ilgpu")
            SimulatedCases.SkipLong(operatorCase);
        CaseReport report = CaseVerbs.Test(operatorCase, _backend!, _reference!);
        TestContext.Out.WriteLine(report);
        Assert.That(report.Passed, report.ToString());
    }
}
