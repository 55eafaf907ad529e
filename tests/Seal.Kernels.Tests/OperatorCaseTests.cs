using Seal.Kernels.Cases;

namespace Seal.Kernels.Tests;

/// <summary>One line a backend: every case of the list against the float64 reference.</summary>
[TestFixture("torch", DType.F32)]
[TestFixture("torch", DType.BF16)]
public class OperatorCaseTests(string backend, DType activation)
{
    private Operators _backend = null!;
    private TorchOperators _reference = null!;

    [OneTimeSetUp]
    public void Open()
    {
        _reference = new TorchOperators(Device.Host, DType.F64);
        _backend = backend switch
        {
            "torch" => new TorchOperators(Device.Host, activation),
            _ => throw new ArgumentException($"no backend '{backend}'"),
        };
    }

    [OneTimeTearDown]
    public void Close()
    {
        _backend.Dispose();
        _reference.Dispose();
    }

    [TestCaseSource(typeof(OperatorCases), nameof(OperatorCases.All))]
    public void MatchesTheReference(OperatorCase operatorCase)
    {
        CaseReport report = CaseVerbs.Test(operatorCase, _backend, _reference);
        TestContext.Out.WriteLine(report);
        Assert.That(report.Passed, report.ToString());
    }
}
