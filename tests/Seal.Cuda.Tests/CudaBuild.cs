using Seal.Kernels;
using Seal.Kernels.Native;

namespace Seal.Cuda.Tests;

/// <summary>The CUDA kernels that `dotnet build` compiled for the processor; tests are ignored on machines without cmake or a C++20 compiler.</summary>
internal static class CudaBuild
{
    public static NativeOperators RequireOperators(DType activation, bool watched = true, bool graphs = true)
    {
        SealNative.UseCudaEmulation();
        if (!SealNative.TryLoad(out string trace))
            Assert.Ignore(trace);
        return new NativeOperators(activation, isa: watched ? null : SealNative.Unwatched, graphs: graphs);
    }
}
