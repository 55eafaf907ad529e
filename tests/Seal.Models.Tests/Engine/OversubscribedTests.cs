using Seal.Kernels;
using Seal.Models.Benchmarks;

namespace Seal.Models.Tests.Engine;

/// <summary>The measurement runs and counts what it says; how long it takes is not for tests.</summary>
public sealed class OversubscribedTests
{
    [Test]
    public void BothWaysAreTimed()
    {
        NativeEngineTests.RequireNative(DType.F32).Dispose();
        ModelConfig tiny = ModelConfigs.SmolLM2 with { Layers = 1, Vocabulary = 256, Hidden = 64, Intermediate = 96, Heads = 4, KvHeads = 2, HeadDim = 16 };
        OversubscribedReport report = Oversubscribed.Run(tiny, DType.F32, engines: 4, threads: 2, steps: 2);
        Assert.That((report.Engines, report.Threads, report.Steps), Is.EqualTo((4, 2, 2)));
        Assert.That(report.InTurnMs, Is.GreaterThan(0));
        Assert.That(report.Slowdown, Is.EqualTo(report.AtOnceMs / report.InTurnMs));
    }
}
