using System.Text.Json;
using Seal.Kernels;
using Seal.Models.Benchmarks;

namespace Seal.Models.Tests.Benchmarks;

public class InnerStepTests
{
    private static readonly ModelConfig Tiny = LibtorchStepTests.Tiny;

    [Test]
    public void FlopsAreThoseCountedByHand()
    {
        // 3 layers of q, o [32, 32], k, v [16, 32], gate, up [48, 32], down [32, 48]; head [300, 32]; rank 4.
        const double body = 3 * (2 * 32 * 32 + 2 * 16 * 32 + 3 * 32 * 48), head = 300 * 32, adapter = 3 * 4 * (2 * 64 + 2 * 48 + 3 * 80);
        const double lowest = 2 * 32 * (32 + 16 + 16) + 2 * 3 * 4 * 32, attention = 7 * 10 * 10 * 32 * 3;
        Assert.That(StepCost.Flops(Tiny, 4, 1, 10), Is.EqualTo(10 * (4 * body + 4 * head + 6 * adapter - lowest) + attention));
        Assert.That(StepCost.Flops(Tiny, 4, 3, 10), Is.EqualTo(3 * StepCost.Flops(Tiny, 4, 1, 10)));
    }

    [Test]
    public void MediansAndTheirIntervalsAreOrderStatistics()
    {
        double[] fifteen = [.. Enumerable.Range(1, 15).Reverse().Select(i => (double)i)];
        Assert.Multiple(() =>
        {
            Assert.That(PairedTimes.Median([3, 1, 2]), Is.EqualTo(2));
            Assert.That(PairedTimes.Median([4, 1, 2, 3]), Is.EqualTo(2.5));
            // P(at most 3 of 15 below the median) = 0.0176, of 4 0.0592: the 4th and the 12th.
            Assert.That(PairedTimes.Interval(fifteen), Is.EqualTo((4.0, 12.0)));
            Assert.That(PairedTimes.Interval([2, 1, 3]), Is.EqualTo((1.0, 3.0)));
            Assert.That(PairedTimes.Ratios([2, 4], [4, 4]), Is.EqualTo(new[] { 2.0, 1.0 }));
        });
    }

    [Test]
    public void EveryCaseIsMeasuredOnEveryLaneAgainstTheBetterLibtorch()
    {
        Require();
        var settings = new InnerStepSettings(3, [new StepShape(1, 8), new StepShape(1, 16), new StepShape(2, 8)], [DType.F32]);
        InnerStepReport report = InnerStep.Run(Tiny, settings, (_, shape) => shape.Tokens);
        Assert.That(report.Steps.Select(step => (step.Backend, step.Tokens, step.Adapters)), Is.EqualTo(new[]
        {
            ("native", 8, 1), ("libtorch", 8, 1), ("native", 16, 1), ("libtorch", 16, 1), ("native", 16, 2), ("libtorch", 16, 2),
        }));
        foreach (InnerStepTime step in report.Steps)
        {
            Assert.That(step.Ms, Is.GreaterThan(0));
            Assert.That(step.TokensPerS, Is.EqualTo(1000 * step.Tokens / step.Ms));
            Assert.That(step.ShareOfPeak, Is.GreaterThan(0));
            Assert.That(step.RatioInterval![0], Is.LessThanOrEqualTo(step.Ratio!.Value));
            Assert.That(step.RatioInterval[1], Is.GreaterThanOrEqualTo(step.Ratio!.Value));
            if (step.Backend == "libtorch")
                Assert.That((step.Ratio, step.PeakRssMb), Is.EqualTo((1.0, (double?)null)));
            else
                Assert.That((step.PeakRssMb, step.AllocatedBytes), Is.EqualTo(((double?)step.Tokens, 0L)));
        }
    }

    [Test]
    public void WithoutLibtorchThereIsNothingToCompare()
    {
        Require();
        InnerStepReport report = InnerStep.Run(Tiny, new InnerStepSettings(1, [new StepShape(1, 8)], [DType.F32], Libtorch: false));
        Assert.That(report.Steps, Has.Count.EqualTo(1));
        Assert.That((report.Steps[0].LibtorchMs, report.Steps[0].Ratio), Is.EqualTo(((double?)null, (double?)null)));
        Assert.That(report.Text(), Does.Contain("| native"));
    }

    /// <summary>What chrome://tracing reads: complete events with a name, a row, a start and a length, on the operators' row and on every thread's.</summary>
    [Test]
    public void ATraceHoldsOperatorsAndThreads()
    {
        Require();
        using JsonDocument trace = JsonDocument.Parse(StepTrace.Record(Tiny, DType.F32, new StepShape(2, 40)));
        JsonElement[] events = [.. trace.RootElement.GetProperty("traceEvents").EnumerateArray()];
        JsonElement[] spans = [.. events.Where(e => e.GetProperty("ph").GetString() == "X")];
        Assert.That(spans.Where(e => e.GetProperty("tid").GetInt32() == 0).Select(e => e.GetProperty("name").GetString()), Is.SupersetOf(
            new[] { "embed", "rms_norm", "linear 32 to 32/16/16", "causal_attention backward", "linear_cross_entropy", "adamw" }));
        Assert.That(spans.All(e => e.GetProperty("dur").GetDouble() >= 0 && e.GetProperty("ts").GetDouble() >= 0));
        using var native = new NativeOperators(DType.F32);
        Assert.That(spans.Select(e => e.GetProperty("tid").GetInt32()).Distinct().Order(), Is.EqualTo(Enumerable.Range(0, native.Threads > 1 ? native.Threads + 1 : 1)));
    }

    [Test]
    public void OperatorsOfAStepAddUpWithTheirCost()
    {
        Require();
        OperatorReport report = OperatorTimes.Run(Tiny, new StepShape(1, 16), DType.F32, repeats: 2, beside: false);
        OperatorTime head = report.Operators.Single(o => o.Operator == "linear_cross_entropy");
        Assert.That(head.Calls, Is.EqualTo(1));
        Assert.That(head.Gflops * head.Ms * 1e6, Is.EqualTo(4.0 * 16 * 300 * 32).Within(1e-6).Percent);
        Assert.That(report.Operators.Single(o => o.Operator == "linear 32 to 48/48").Calls, Is.EqualTo(3));
        Assert.That(report.Text(), Does.Contain("linear_cross_entropy"));
    }

    private static void Require()
    {
        if (!Kernels.Native.SealNative.TryLoad(out string trace))
            Assert.Ignore($"libseal is not there: {trace}");
    }
}
