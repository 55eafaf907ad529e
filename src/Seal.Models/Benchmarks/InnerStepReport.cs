using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;
using Seal.Kernels;

namespace Seal.Models.Benchmarks;

/// <summary>One backend, element type and case.</summary>
/// <param name="Tokens">Packed tokens of the step, over all adapters.</param>
/// <param name="Ms">Median; libtorch trains its adapters one after the other.</param>
/// <param name="ShareOfPeak"><see cref="StepCost.Flops"/> over the time, over the measured peak of the type's arithmetic; null where none was measured.</param>
/// <param name="LibtorchMs">Median of libtorch's faster type in the same run; null where libtorch was left out.</param>
/// <param name="Ratio">Median over the pairs of libtorch's time over this one's.</param>
/// <param name="RatioInterval">95 % interval of that median.</param>
/// <param name="PeakRssMb">Of a process that does nothing but these steps; null for libtorch.</param>
/// <param name="AllocatedBytes">On the managed heap, a step, after warm-up.</param>
public sealed record InnerStepTime(
    string Backend, [property: JsonPropertyName("dtype")] DType DType, int Tokens, int Adapters, double Ms, double TokensPerS, double? ShareOfPeak,
    double? LibtorchMs, double? Ratio, IReadOnlyList<double>? RatioInterval, double? PeakRssMb, long AllocatedBytes);

/// <param name="Cpu">The processor's own name for itself.</param>
/// <param name="Isa">What the kernels run on: an instruction set, or a GPU's architecture.</param>
/// <param name="Peaks">Of the processor, or of the GPU by libtorch's products and copies; null where they could not be measured.</param>
/// <param name="Notes">What was not measured, and why; how steps were sent to a GPU.</param>
/// <param name="Gpu">The GPU; null where the processor computes.</param>
public sealed record InnerStepReport(
    string Cpu, string Isa, int Threads, MachinePeaks? Peaks, IReadOnlyList<InnerStepTime> Steps, IReadOnlyList<string> Notes,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Gpu = null)
{
    /// <summary>The times as a table, what they were measured with above it.</summary>
    public string Text()
    {
        CultureInfo invariant = CultureInfo.InvariantCulture;
        var text = new StringBuilder();
        text.Append(Gpu is null ? string.Create(invariant, $"{Cpu}, {Isa}, {Threads} threads; ") : $"{Gpu}, {Isa}; ");
        text.Append(Peaks is null
            ? "peaks not measured\n"
            : string.Create(invariant, $"measured peaks: f32 {Peaks.FmaF32Gflops:F0} GFLOP/s, bf16 {Peaks.DotBf16Gflops:F0} GFLOP/s, memory {Peaks.DramGbps:F1} GB/s\n"));
        text.Append("| backend | dtype | tokens | adapters | ms | tokens/s | % of peak | libtorch ms | x libtorch | 95 % | peak MB | allocated |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n");
        foreach (InnerStepTime s in Steps)
        {
            string interval = s.RatioInterval is [double low, double high] ? string.Create(invariant, $"{low:F2}–{high:F2}") : "";
            text.Append(invariant, $"| {s.Backend,-8} | {s.DType.ToString().ToLowerInvariant(),-4} | {s.Tokens,4} | {s.Adapters,2} | {s.Ms,7:F1} | {s.TokensPerS,5:F0} | {100 * s.ShareOfPeak,3:F0} | {s.LibtorchMs,7:F1} | {s.Ratio,5:F2} | {interval,9} | {s.PeakRssMb,5:F0} | {s.AllocatedBytes} |\n");
        }
        foreach (string note in Notes)
            text.Append(note).Append('\n');
        return text.ToString();
    }
}
