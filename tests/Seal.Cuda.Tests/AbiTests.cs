using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Seal.Kernels;
using Seal.Tests;

namespace Seal.Cuda.Tests;

/// <summary>The emulated library has the functions of the CPU library, no less.</summary>
public partial class AbiTests
{
    [Test]
    public void Every_function_of_the_header_is_exported()
    {
        CudaBuild.RequireOperators(DType.F32).Dispose();
        nint library = NativeLibrary.Load(Path.Combine(AppContext.BaseDirectory, "libseal_cuda_emulated.so"));
        string header = File.ReadAllText(RepositoryRoot.Path("native", "include", "seal.h"));
        string[] names = [.. Exported().Matches(header).Select(match => match.Groups[1].Value)];
        Assert.That(names, Is.Not.Empty);
        Assert.That(names.Where(name => !NativeLibrary.TryGetExport(library, name, out _)), Is.Empty);
    }

    [GeneratedRegex(@"^SEAL_API\s[^;]*?\b(seal_\w+)\(", RegexOptions.Multiline)]
    private static partial Regex Exported();
}
