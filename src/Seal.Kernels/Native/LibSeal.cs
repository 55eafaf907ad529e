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
}
