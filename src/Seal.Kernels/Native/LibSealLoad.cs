using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;

namespace Seal.Kernels.Native;

/// <summary>
/// Finds libseal: the file or folder that <c>SEAL_NATIVE</c> names, and nothing else when it is set; otherwise beside the program.
/// Never by bare name: a copy installed elsewhere on the system would win over the one that was built with this program.
/// </summary>
internal static class LibSealLoad
{
    internal const string Name = "seal";

    /// <summary>The ABI versions that this assembly understands, first to last.</summary>
    internal const int FirstVersion = 3, LastVersion = 3;

    /// <summary>What became of looking for the library: a handle or zero, and one line for each file that was tried.</summary>
    internal sealed record Outcome(nint Handle, string Trace);

    private static readonly Lazy<Outcome> Once = new(() => Load(Candidates(Environment.GetEnvironmentVariable("SEAL_NATIVE"), AppContext.BaseDirectory), FirstVersion, LastVersion));

    internal static Outcome Result => Once.Value;

    private static string s_stem = Name;

    /// <summary>Stem of the file that stands for libseal in this process.</summary>
    internal static string Stem => s_stem;

    internal static string FileName => FileNameOf(s_stem);

    internal static string FileNameOf(string stem) =>
        OperatingSystem.IsWindows() ? $"{stem}.dll" : OperatingSystem.IsMacOS() ? $"lib{stem}.dylib" : $"lib{stem}.so";

    /// <summary>Whether there is a file of that library where it would be looked for.</summary>
    internal static bool Exists(string stem) => Candidates(Environment.GetEnvironmentVariable("SEAL_NATIVE"), AppContext.BaseDirectory, stem).Any(File.Exists);

    /// <summary>Lets another library of the same ABI stand for libseal: one a process, chosen before anything is called.</summary>
    /// <exception cref="SealException">Another one is in use.</exception>
    internal static void Use(string stem)
    {
        if (stem == s_stem)
            return;
        if (Once.IsValueCreated)
            throw new SealException($"this process already computes with {FileName}; a process can use one native library alone, so lib{stem} needs one of its own");
        s_stem = stem;
    }

    internal static void Install() => NativeLibrary.SetDllImportResolver(typeof(LibSealLoad).Assembly, Resolve);

    private static nint Resolve(string library, Assembly assembly, DllImportSearchPath? search)
    {
        if (library != Name)
            return 0; // Someone else's library: the default search.
        Outcome result = Result;
        return result.Handle != 0 ? result.Handle : throw new DllNotFoundException(result.Trace);
    }

    internal static IReadOnlyList<string> Candidates(string? forced, string programFolder, string? stem = null)
    {
        string name = FileNameOf(stem ?? s_stem);
        if (!string.IsNullOrEmpty(forced))
            return [Directory.Exists(forced) ? Path.Combine(forced, name) : forced];
        string beside = Path.Combine(programFolder, name);
        string? assemblyFolder = Path.GetDirectoryName(typeof(LibSealLoad).Assembly.Location);
        if (string.IsNullOrEmpty(assemblyFolder))
            return [beside];
        return new[] { beside, Path.Combine(assemblyFolder, name) }.Distinct().ToArray();
    }

    /// <summary>Loads the first of the files that is a libseal of an ABI version from <paramref name="first"/> to <paramref name="last"/>.</summary>
    internal static Outcome Load(IReadOnlyList<string> files, int first, int last)
    {
        var trace = new StringBuilder($"{FileName} (ABI {Range(first, last)}) was looked for in:");
        foreach (string file in files)
        {
            nint handle = TryFile(file, first, last, out string reason);
            trace.Append($"\n  {file}: {reason}");
            if (handle != 0)
                return new Outcome(handle, trace.ToString());
        }
        trace.Append(s_stem == SealNative.CudaStem
            ? "\n`dotnet build` makes it where nvcc is: native/cuda/README.md says how."
            : "\n`dotnet build` makes it where cmake and a C++20 compiler are found. To have it: apt-get install g++ cmake, then build again.");
        return new Outcome(0, trace.ToString());
    }

    private static nint TryFile(string file, int first, int last, out string reason)
    {
        if (!File.Exists(file))
        {
            reason = "no such file";
            return 0;
        }
        try
        {
            nint handle = NativeLibrary.Load(Path.GetFullPath(file));
            if (Version(handle) is int version && version >= first && version <= last)
            {
                reason = $"loaded, ABI {version}";
                return handle;
            }
            reason = Version(handle) is int other ? $"has ABI {other}, this program understands {Range(first, last)}" : "is not libseal: it has no seal_abi_version";
            NativeLibrary.Free(handle);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            reason = e.Message.ReplaceLineEndings(" ").Trim();
        }
        return 0;
    }

    private static unsafe int? Version(nint handle) =>
        NativeLibrary.TryGetExport(handle, nameof(LibSeal.seal_abi_version), out nint function) ? ((delegate* unmanaged<int>)function)() : null;

    private static string Range(int first, int last) => first == last ? $"{first}" : $"{first} to {last}";
}
