using System.Runtime.InteropServices;

namespace Seal.Kernels.Native;

/// <summary>Owns a native engine: the number of threads and the instruction set that kernels run with.</summary>
public sealed class SealEngineHandle : SafeHandle
{
    /// <summary>An invalid handle, for the marshaller to fill; programs call <see cref="Create"/>.</summary>
    public SealEngineHandle() : base(0, ownsHandle: true) { }

    public override bool IsInvalid => handle == 0;

    public int Threads
    {
        get
        {
            LibSeal.seal_engine_threads(this, out int threads).ThrowOnFailure();
            return threads;
        }
    }

    public InstructionSet InstructionSet
    {
        get
        {
            LibSeal.seal_engine_isa(this, out InstructionSet isa).ThrowOnFailure();
            return isa;
        }
    }

    /// <param name="threads">0 takes the environment variable <c>SEAL_THREADS</c>, and without it one a core; at most 1024.</param>
    /// <param name="isa">
    /// <c>avx512_bf16</c>, <c>avx512</c>, <c>avx2</c> or <c>portable</c>; null takes the environment variable <c>SEAL_ISA</c>,
    /// and without it the best that this machine has.
    /// </param>
    /// <exception cref="SealException">libseal cannot be loaded, or an argument is wrong, or this machine lacks the instruction set.</exception>
    public static SealEngineHandle Create(int threads = 0, string? isa = null)
    {
        SealNative.Require();
        // .NET keeps its own copy of the environment: what the program set there the native side would not see.
        threads = threads == 0 ? LibTorch.Threads(Environment.GetEnvironmentVariable("SEAL_THREADS")) ?? 0 : threads;
        isa ??= Environment.GetEnvironmentVariable("SEAL_ISA");
        LibSeal.seal_engine_create(threads, isa, out SealEngineHandle engine).ThrowOnFailure();
        return engine;
    }

    protected override bool ReleaseHandle()
    {
        LibSeal.seal_engine_destroy(handle);
        return true;
    }
}
