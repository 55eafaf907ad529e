using Seal.Kernels.Cases;

namespace Seal.Kernels.Tests;

/// <summary>The checker must fail what is wrong.</summary>
public class CaseVerbsTests
{
    [TestCase(0, ExpectedResult = true)]
    [TestCase(3e-7, ExpectedResult = true)] // elementwise: 9 units of 2^-24 of (|1| + rms)
    [TestCase(2e-6, ExpectedResult = false)]
    [TestCase(double.NaN, ExpectedResult = false)]
    public bool ErrorsAreMeasured(double error)
    {
        using TorchOperators backend = new(Device.Host, DType.F32);
        using TorchOperators reference = new(Device.Host, DType.F64);
        CaseReport report = CaseVerbs.Test(new Wrong(error), backend, reference);
        if (error > 0)
            Assert.That(report.Findings[0].Where, Is.EqualTo(2));
        return report.Passed;
    }

    [Test]
    public void WrongGradientsAreSeen()
    {
        using TorchOperators reference = new(Device.Host, DType.F64);
        Assert.That(CaseVerbs.Grad(new Wrong(0), reference).Passed, Is.True);
        Assert.That(CaseVerbs.Grad(new Wrong(1e-4), reference).Passed, Is.False);
    }

    [Test]
    public void CasesAreNamedApart() =>
        Assert.That(OperatorCases.All.Select(operatorCase => operatorCase.ToString()), Is.Unique);

    /// <summary>y = 1, wrong by an error in one element outside the reference; the loss x·x has gradient 2x, wrong by the same share.</summary>
    private sealed class Wrong(double error) : OperatorCase
    {
        public override string Operator => "wrong";

        public override string Shape => $"{error}";

        public override void Run(Trial trial)
        {
            double off = trial.Operators.Activation == DType.F64 ? 0 : error;
            trial.Check("y", [1, -1, 1 + off], Tolerances.Elementwise);
            DeviceBuffer x = trial.Input("x", 1, 3);
            double[] values = trial.Read(x);
            trial.AddLoss(x, values);
            trial.CheckGradient("x", trial.Fill(trial.Output(1, 3), [.. values.Select(value => 2 * value * (1 + error))]), new("any", 1e6, 1e12));
        }
    }
}
