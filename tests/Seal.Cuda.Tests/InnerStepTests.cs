using Seal.Kernels;
using Seal.Kernels.Native;
using Seal.Models.Benchmarks;

namespace Seal.Cuda.Tests;

/// <summary>The bench of a GPU's steps with the emulation in its place: everything but libtorch's CUDA build and a time that means something.</summary>
public class InnerStepTests
{
    [Test]
    public void The_kernels_of_a_device_are_measured_without_libtorch_where_it_has_none()
    {
        CudaBuild.RequireOperators(DType.F32).Dispose();
        InnerStepReport report = InnerStep.Run(
            TinyStep.Tiny, new InnerStepSettings(1, [new StepShape(1, 6), new StepShape(2, 4)], [DType.F32, DType.BF16], Backend: SealNative.CudaEmulated));
        Assert.That(report.Steps.Select(step => (step.Backend, step.DType, step.Tokens, step.Adapters)), Is.EqualTo(new[]
        {
            ("cuda-emulated", DType.F32, 6, 1), ("cuda-emulated", DType.BF16, 6, 1), ("cuda-emulated", DType.F32, 8, 2), ("cuda-emulated", DType.BF16, 8, 2),
        }));
        foreach (InnerStepTime step in report.Steps)
            Assert.That((step.Ms > 0, step.ShareOfPeak, step.Ratio, step.PeakRssMb), Is.EqualTo((true, (double?)null, (double?)null, (double?)null)));
        Assert.That(report.Gpu, Is.Not.Null);
        Assert.That(report.Notes, Has.Count.EqualTo(3));
        Assert.That(report.Notes[0], Does.Contain("torch.cuda.is_available() is false"));
        Assert.That(report.Notes[1], Does.StartWith("cuda-emulated F32: ").And.Contain(" launches a step of 2 layers, as graphs: 2 made, 0 times"));
        Assert.That(report.Text(), Does.Contain("peaks not measured").And.Contain("| cuda-emulated"));
    }

    [Test]
    public void A_step_is_timed_operator_by_operator()
    {
        CudaBuild.RequireOperators(DType.F32).Dispose();
        OperatorReport report = OperatorTimes.OnGpu(TinyStep.Tiny, new StepShape(2, 4), DType.BF16, repeats: 1, SealNative.CudaEmulated);
        Assert.That(report.Operators.Select(time => time.Operator), Is.SupersetOf(new[] { "causal_attention", "causal_attention backward", "linear_cross_entropy", "adamw" }));
        Assert.That(report.Operators.Select(time => time.Ms), Is.All.GreaterThan(0));
        Assert.That(report.Text(), Does.StartWith("cuda-emulated bf16, 8 tokens, 2 adapters\n"));
        Assert.That(() => OperatorTimes.OnGpu(TinyStep.Tiny, new StepShape(1, 4), DType.F32, 1, "ilgpu"), Throws.TypeOf<SealException>().With.Message.Contains("ilgpu"));
    }

    [Test]
    public void Kernels_are_sent_one_by_one_where_that_is_asked_for()
    {
        CudaBuild.RequireOperators(DType.F32).Dispose();
        InnerStepReport report = InnerStep.Run(
            TinyStep.Tiny, new InnerStepSettings(1, [new StepShape(1, 6)], [DType.F32], Libtorch: false, SealNative.CudaEmulated, Graphs: false));
        Assert.That(report.Notes.Single(), Does.StartWith("cuda-emulated F32: ").And.EndWith(" launches a step of 2 layers, one by one"));
    }
}
