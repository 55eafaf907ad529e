using Seal.Kernels.Cases;
using Seal.Kernels.Ilgpu;
using Seal.Kernels.Tests.Ilgpu;
using Seal.Kernels.Tests.Native;

namespace Seal.Kernels.Tests;

/// <summary>Backward passes against finite differences of their own forward passes: the reference's in f64, all others in f32.</summary>
[TestFixture("torch")]
[TestFixture("avx512_bf16")]
[TestFixture("avx512")]
[TestFixture("avx2")]
[TestFixture("portable")]
[TestFixture("ilgpu")]
public class GradientTests(string backend)
{
    private static readonly HashSet<string> Differentiable =
        ["rms_norm", "lora_linear", "rope", "causal_attention", "swiglu", "gather_rows", "linear_cross_entropy"];

    private static IEnumerable<OperatorCase> Cases =>
        OperatorCases.All.Where(c => Differentiable.Contains(c.Operator) && !c.Shape.Contains("bare base"));

    [TestCaseSource(nameof(Cases))]
    public void MatchFiniteDifferences(OperatorCase operatorCase)
    {
        if (backend == "ilgpu")
            SimulatedCases.SkipLong(operatorCase);
        using Operators operators = backend switch
        {
            "torch" => new TorchOperators(Device.Host, DType.F64),
            "ilgpu" => IlgpuBackend.OpenSimulated(DType.F32),
            _ => NativeBuild.RequireOperators(backend, DType.F32),
        };
        if (operators.Activation == DType.F32 && operatorCase.ToString() == "rms_norm(1x1)")
            Assert.Ignore("a row of one element is ±gain whatever x is: its slope of 1e-5 drowns in f32's rounding");
        CaseReport report = CaseVerbs.Grad(operatorCase, operators);
        TestContext.Out.WriteLine(report);
        Assert.That(report.Passed, report.ToString());
    }
}
