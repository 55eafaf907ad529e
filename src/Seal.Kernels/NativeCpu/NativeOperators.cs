using Seal.Kernels.Native;

namespace Seal.Kernels;

/// <summary>
/// Every operator on libseal's kernels, without libtorch: the processor's, or a GPU's where its library stands for libseal. With bf16
/// activations the arithmetic between two stored values is f32, rounded once.
/// </summary>
/// <remarks>
/// The order of every sum depends on the model and on the position within a sequence or segment alone: a row's or an adapter's
/// results are the same bits in any batch and with any number of threads. What differs between processor and GPU on this side of the border
/// is where buffers lie: <c>EngineMemory.cs</c>, <c>Transfer.cs</c>, <c>Sample.cs</c>. Tables of the step's plan are the host's for both.
/// </remarks>
public sealed partial class NativeOperators : Operators
{
    private readonly SealEngineHandle _engine;
    private readonly bool _graphs;

    /// <param name="activation">F32 or BF16.</param>
    /// <param name="threads">0 takes <c>SEAL_THREADS</c>, and without it one a core.</param>
    /// <param name="isa">Null takes <c>SEAL_ISA</c>, and without it the best that this machine has.</param>
    /// <param name="graphs">False: a GPU is sent a step's kernels one by one, as they are asked for.</param>
    /// <exception cref="SealException">libseal cannot be loaded, or this machine lacks the instruction set.</exception>
    public NativeOperators(DType activation, int threads = 0, string? isa = null, bool graphs = true) : base(SealNative.Device, activation)
    {
        if (activation is not (DType.F32 or DType.BF16))
            throw new ArgumentOutOfRangeException(nameof(activation), activation, "native activations are F32 or BF16");
        _engine = SealEngineHandle.Create(threads, isa);
        _graphs = graphs;
        InstructionSet = _engine.InstructionSet;
        Threads = _engine.Threads;
    }

    public override string Name { get; } = SealNative.Backend;

    public InstructionSet InstructionSet { get; }

    public int Threads { get; }

    /// <summary>Not the number of threads: results do not depend on it.</summary>
    public override string Numerics => $"{Name} {Version}, {SealNative.Processor(InstructionSet)}";

    /// <summary>Bytes of scratch memory that the largest operator so far took.</summary>
    public long ScratchBytes
    {
        get
        {
            LibSeal.seal_engine_scratch_bytes(_engine, out long bytes).ThrowOnFailure();
            return bytes;
        }
    }

    /// <summary>What every thread did while the work ran, a span a share of an operator's parallel region.</summary>
    /// <param name="capacity">Spans at most; what comes after is lost.</param>
    public unsafe TraceSpan[] Trace(Action work, int capacity)
    {
        TraceSpan[] spans = GC.AllocateArray<TraceSpan>(capacity, pinned: true);
        fixed (TraceSpan* first = spans)
        {
            LibSeal.seal_engine_trace(_engine, first, capacity).ThrowOnFailure();
            try
            {
                work();
            }
            finally
            {
                LibSeal.seal_engine_traced(_engine, out long count).ThrowOnFailure();
                LibSeal.seal_engine_trace(_engine, null, 0).ThrowOnFailure();
                spans = spans[..(int)count];
            }
        }
        return spans;
    }

    /// <summary>Kernels that a GPU was sent so far; on the processor 0.</summary>
    public long Launches
    {
        get
        {
            LibSeal.seal_engine_launches(_engine, out long launches).ThrowOnFailure();
            return launches;
        }
    }

    /// <summary>Waits for everything enqueued, so that a time can be taken.</summary>
    public void Synchronize() => LibSeal.seal_engine_synchronize(_engine).ThrowOnFailure();

    public override void Dispose()
    {
        _widened?.Dispose();
        _engine.Dispose();
    }

    /// <summary>Raised when an operator's arithmetic changes: results of another version are not the same bits.</summary>
    private const int Version = 2;
}
