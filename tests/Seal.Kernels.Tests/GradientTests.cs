using Seal.Kernels.Cases;

namespace Seal.Kernels.Tests;

/// <summary>The reference's backward passes against finite differences of its forward passes.</summary>
public class GradientTests
{
    private static readonly HashSet<string> Differentiable =
        ["rms_norm", "lora_linear", "rope", "causal_attention", "swiglu", "gather_rows", "linear_cross_entropy"];

    private static IEnumerable<OperatorCase> Cases =>
        OperatorCases.All.Where(c => Differentiable.Contains(c.Operator) && !c.Shape.Contains("bare base"));

    [TestCaseSource(nameof(Cases))]
    public void MatchFiniteDifferences(OperatorCase operatorCase)
    {
        using TorchOperators reference = new(Device.Host, DType.F64);
        CaseReport report = CaseVerbs.Grad(operatorCase, reference);
        TestContext.Out.WriteLine(report);
        Assert.That(report.Passed, report.ToString());
    }
}
