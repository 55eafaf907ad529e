using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace Seal.Kernels.Native;

/// <summary>
/// The functions of <c>native/include/seal.h</c> under their C names; units and errors stand there. A test compares the two lists.
/// </summary>
internal static partial class LibSeal
{
    private const string Library = LibSealLoad.Name;

    static LibSeal() => LibSealLoad.Install();

    [LibraryImport(Library)]
    internal static partial int seal_abi_version();

    [LibraryImport(Library)]
    internal static unsafe partial long seal_last_error(byte* buffer, long capacity);

    [LibraryImport(Library)]
    internal static partial long seal_sizeof_cpu_features();

    [LibraryImport(Library)]
    internal static partial SealStatus seal_cpu_features(out SealCpuFeatures features);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial SealStatus seal_engine_create(int threads, string? isa, out SealEngineHandle engine);

    [LibraryImport(Library)]
    internal static partial void seal_engine_destroy(nint engine);

    [LibraryImport(Library)]
    internal static partial SealStatus seal_engine_threads(SealEngineHandle engine, out int threads);

    [LibraryImport(Library)]
    internal static partial SealStatus seal_engine_isa(SealEngineHandle engine, out InstructionSet isa);

    [LibraryImport(Library)]
    internal static partial SealStatus seal_add(SealEngineHandle engine, SealDType type, nint x, nint y, long n);

    [LibraryImport(Library)]
    internal static unsafe partial SealStatus seal_weight_create(
        SealEngineHandle engine, SealDType type, float* values, int rows, int columns, out SealWeightHandle weight);

    [LibraryImport(Library)]
    internal static partial void seal_weight_destroy(nint weight);

    [LibraryImport(Library)]
    internal static partial SealStatus seal_embed(SealEngineHandle engine, SealDType type, SealWeightHandle table, nint tokens, long n, nint y);

    [LibraryImport(Library)]
    internal static partial SealStatus seal_logits(SealEngineHandle engine, SealDType type, nint h, int rows, SealWeightHandle head, nint logits);

    [LibraryImport(Library)]
    internal static partial SealStatus seal_linear_cross_entropy(
        SealEngineHandle engine, SealDType type, nint h, int rows, SealWeightHandle head, nint targets, nint weights, nint logProbabilities, nint dh);

    [LibraryImport(Library)]
    internal static partial long seal_sizeof_lora_linear();

    [LibraryImport(Library)]
    internal static partial SealStatus seal_lora_linear(SealEngineHandle engine, in SealLoraLinear arguments);

    [LibraryImport(Library)]
    internal static partial SealStatus seal_lora_linear_backward(SealEngineHandle engine, in SealLoraLinear arguments);
}
