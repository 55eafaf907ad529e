using Seal.Kernels.Native;
using Seal.Tests;

namespace Seal.Kernels.Tests.Native;

/// <summary>What `dotnet build` made with CMake; tests that need it are ignored on machines without cmake or a C++20 compiler.</summary>
internal static class NativeBuild
{
    /// <summary>CMake's build folder for the configuration of these tests.</summary>
    public static string Folder { get; } = RepositoryRoot.Path("build", "native-" + Directory.GetParent(AppContext.BaseDirectory.TrimEnd('/'))!.Name);

    /// <summary>The path of libseal beside the tests.</summary>
    public static string RequireLibrary()
    {
        string path = Path.Combine(AppContext.BaseDirectory, LibSealLoad.FileName);
        if (!File.Exists(path))
            Assert.Ignore($"{LibSealLoad.FileName} was not built: cmake and a C++20 compiler are needed");
        return path;
    }

    /// <summary>The native backend on one instruction set; ignored, by name, where this machine does not have it.</summary>
    public static NativeOperators RequireOperators(string isa, DType activation, int threads = 1)
    {
        RequireLibrary();
        if (Enum.GetValues<InstructionSet>().Single(set => set.Name() == isa) > SealNative.Best)
            Assert.Ignore($"not run: this machine does not have {isa}");
        return new NativeOperators(activation, threads, isa);
    }
}
