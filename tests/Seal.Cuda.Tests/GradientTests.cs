using Seal.Kernels;
using Seal.Kernels.Cases;

namespace Seal.Cuda.Tests;

/// <summary>Backward kernels against finite differences of the forward kernels, in f32.</summary>
public class GradientTests
{
    private static readonly HashSet<string> Differentiable =
        ["rms_norm", "lora_linear", "rope", "causal_attention", "swiglu", "gather_rows", "linear_cross_entropy"];

    /// <summary>Not a row of one element: it is ±gain whatever x is, and its slope of 1e-5 drowns in f32's rounding.</summary>
    private static IEnumerable<OperatorCase> Cases => OperatorCases.All.Where(
        c => Differentiable.Contains(c.Operator) && !c.Shape.Contains("bare base") && c.ToString() != "rms_norm(1x1)");

    private NativeOperators? _operators;

    [OneTimeSetUp]
    public void Open() => _operators = CudaBuild.RequireOperators(DType.F32, watched: false);

    [OneTimeTearDown]
    public void Close() => _operators?.Dispose();

    [TestCaseSource(nameof(Cases))]
    public void Finite_differences_agree(OperatorCase operatorCase)
    {
        CaseReport report = CaseVerbs.Grad(operatorCase, _operators!);
        TestContext.Out.WriteLine(report);
        Assert.That(report.Passed, report.ToString());
    }
}
