using Seal.Kernels.Cases;

namespace Seal.Kernels.Tests.Ilgpu;

/// <summary>ILGPU's CPU accelerator takes these seconds or, for gradients, minutes: <c>seal kernels test|grad --backend ilgpu</c> runs them.</summary>
internal static class SimulatedCases
{
    private static readonly string[] Long =
    [
        "linear_cross_entropy(259 rows of 33", "linear_cross_entropy(9 rows of 576", "causal_attention(2:1 heads of 128", "lora_linear(192 to 512/512",
    ];

    public static void SkipLong(OperatorCase operatorCase)
    {
        if (Long.Any(operatorCase.ToString().StartsWith))
            Assert.Ignore("too long for the CPU accelerator beside the other tests; seal kernels test --backend ilgpu runs it");
    }
}
