namespace Seal.Kernels.Native;

/// <summary>The struct of the same name in <c>seal.h</c>.</summary>
internal readonly record struct SealMachinePeaks(double FmaF32Gflops, double DotBf16Gflops, double DramGbps);
