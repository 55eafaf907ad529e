using Seal.Kernels;
using Seal.Models.Goldens;
using Seal.Tests;

namespace Seal.Cuda.Tests;

/// <summary>Whole tiny models, forward, decoding and training, on the emulated CUDA kernels: what `seal verify --backend cuda-emulated` says.</summary>
public class GoldenTests
{
    [TestCase("llama-tied")]
    [TestCase("llama3-rope", Explicit = true, Reason = "takes a while: two models stand for five")]
    [TestCase("odd-shapes", Explicit = true, Reason = "takes a while: two models stand for five")]
    [TestCase("qwen2-bias", Explicit = true, Reason = "takes a while: two models stand for five")]
    [TestCase("qwen3-qknorm")]
    public void Plain_multiply_adds_keep_the_limits_of_f32(string folder)
    {
        using NativeOperators operators = CudaBuild.RequireOperators(DType.F32, watched: false);
        Verify(folder, operators, null);
    }

    /// <summary>A loss may be off by 1.5 times what bf16 costs libtorch on the same run.</summary>
    [TestCase("llama-tied")]
    [TestCase("odd-shapes", Explicit = true, Reason = "takes a while")]
    public void Tensor_cores_cost_not_much_more_than_libtorchs_bf16(string folder)
    {
        using NativeOperators operators = CudaBuild.RequireOperators(DType.BF16, watched: false);
        using Operators yardstick = GoldenVerifier.Yardstick();
        IReadOnlyList<GoldenCheck> checks = Verify(folder, operators, yardstick);
        Assert.That(checks.Count(check => check.Quantity.EndsWith(" loss, rms", StringComparison.Ordinal) && check.Limit is not null), Is.GreaterThan(1));
    }

    private static IReadOnlyList<GoldenCheck> Verify(string folder, Operators operators, Operators? yardstick)
    {
        IReadOnlyList<GoldenCheck> checks = new GoldenVerifier(operators, yardstick).Verify(SharedFolder.Require("goldens", folder));
        foreach (GoldenCheck check in checks)
            TestContext.Out.WriteLine($"{check.Quantity}: {check.Error:g3} of {check.Limit:g3}, {check.Cases} cases");
        Assert.That(checks, Has.Count.GreaterThan(3));
        Assert.That(checks.Where(check => !check.Passed), Is.Empty);
        return checks;
    }
}
