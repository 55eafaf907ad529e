using Seal.Kernels;
using Seal.Kernels.Cases;

namespace Seal.Cuda.Tests;

/// <summary>Every case of the list on the emulated CUDA kernels, against the float64 reference: plain multiply-adds in f32, mma in bf16.</summary>
[TestFixture(DType.F32)]
[TestFixture(DType.BF16)]
public class OperatorCaseTests(DType activation)
{
    private NativeOperators? _backend;
    private TorchOperators? _reference;

    [OneTimeSetUp]
    public void Open()
    {
        _backend = CudaBuild.RequireOperators(activation);
        _reference = new TorchOperators(Device.Host, DType.F64);
    }

    [OneTimeTearDown]
    public void Close()
    {
        _backend?.Dispose();
        _reference?.Dispose();
    }

    [Test]
    public void Is_the_emulation() => Assert.That(_backend!.Name, Is.EqualTo("cuda-emulated"));

    [TestCaseSource(typeof(OperatorCases), nameof(OperatorCases.All))]
    public void Matches_the_reference(OperatorCase operatorCase)
    {
        CaseReport report = CaseVerbs.Test(operatorCase, _backend!, _reference!);
        TestContext.Out.WriteLine(report);
        Assert.That(report.Passed, report.ToString());
    }
}
