using System.Text.Json.Serialization;
using Seal.Kernels.Native;

namespace Seal.Kernels;

/// <summary>What this machine was measured to reach: the denominators of every share and factor.</summary>
/// <param name="DotBf16Gflops">0 where the processor multiplies no bf16.</param>
public sealed record MachinePeaks(
    [property: JsonPropertyName("fma_f32_gflops")] double FmaF32Gflops,
    [property: JsonPropertyName("dot_bf16_gflops")] double DotBf16Gflops,
    [property: JsonPropertyName("dram_gbps")] double DramGbps)
{
    /// <summary>Takes a second.</summary>
    /// <exception cref="SealException">libseal cannot be loaded.</exception>
    public static MachinePeaks Measure(int threads = 0, string? isa = null)
    {
        using SealEngineHandle engine = SealEngineHandle.Create(threads, isa);
        LibSeal.seal_machine_peaks(engine, out SealMachinePeaks peaks).ThrowOnFailure();
        return new MachinePeaks(peaks.FmaF32Gflops, peaks.DotBf16Gflops, peaks.DramGbps);
    }

    /// <summary>Of the arithmetic that a type is computed in: without dot products of bf16 that is f32's.</summary>
    public double Gflops(DType type) => type == DType.BF16 && DotBf16Gflops > 0 ? DotBf16Gflops : FmaF32Gflops;
}
