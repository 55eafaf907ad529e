namespace Seal.Kernels.Ilgpu;

/// <summary>
/// Sizes that a kernel is compiled for: constants of its type arguments. A thread computes 4x4 elements of a tile of a product, so a group
/// has TileRows · TileColumns / 16 threads; every kernel runs in groups of that size.
/// </summary>
internal interface IShape
{
    int GroupSize { get; }

    int TileRows { get; }

    int TileColumns { get; }

    /// <summary>Steps of the inner dimension that are staged in shared memory at once.</summary>
    int TileDepth { get; }

    /// <summary>Cached tokens that a group of decode attention scores at once: one a thread, in rounds.</summary>
    int DecodeKeys { get; }

    /// <summary>Vocabulary rows whose logits' gradient is held at once.</summary>
    int VocabularyChunk { get; }
}

/// <summary>sm_80 and up: 256 threads, 64x64 tiles, 8.7 KiB of staging, 24.9 KiB where a tile of logits is kept beside it.</summary>
internal struct GpuShape : IShape
{
    public readonly int GroupSize => 256;

    public readonly int TileRows => 64;

    public readonly int TileColumns => 64;

    public readonly int TileDepth => 16;

    public readonly int DecodeKeys => 256;

    public readonly int VocabularyChunk => 2048;
}

/// <summary>
/// ILGPU's CPU accelerator: every thread is one of the operating system's and a barrier takes tens of microseconds, so few threads, one
/// smallest tile, and much work between barriers. Two warps of two threads: reductions across lanes and across warps both happen.
/// </summary>
internal struct SimulatedShape : IShape
{
    public readonly int GroupSize => 4;

    public readonly int TileRows => 8;

    public readonly int TileColumns => 8;

    public readonly int TileDepth => 128;

    public readonly int DecodeKeys => 16;

    public readonly int VocabularyChunk => 512;
}

/// <summary>
/// Blocks of attention by the width of a head: Queries · HeadDim = 2048 and Keys · HeadDim = 1024, so that the largest kernel, the
/// backward pass, stays under 48 KiB of shared memory.
/// </summary>
internal interface IHeads
{
    /// <summary>Widest head that fits.</summary>
    int HeadDim { get; }

    int Queries { get; }

    int Keys { get; }
}

internal struct Heads64 : IHeads
{
    public readonly int HeadDim => 64;

    public readonly int Queries => 32;

    public readonly int Keys => 16;
}

internal struct Heads128 : IHeads
{
    public readonly int HeadDim => 128;

    public readonly int Queries => 16;

    public readonly int Keys => 8;
}

internal struct Heads256 : IHeads
{
    public readonly int HeadDim => 256;

    public readonly int Queries => 8;

    public readonly int Keys => 4;
}
