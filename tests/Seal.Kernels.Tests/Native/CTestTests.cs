using System.Text.Json;
using Seal.Tests;

namespace Seal.Kernels.Tests.Native;

/// <summary>The tests of the C side, one case each: CTest runs what `dotnet build` built.</summary>
public class CTestTests
{
    private const string NotBuilt = "native tests (not built: cmake and a C++20 compiler are needed)";

    [TestCaseSource(nameof(Names))]
    public void CTest(string name)
    {
        if (name == NotBuilt)
            Assert.Ignore(NotBuilt);
        var run = Tool.Run("ctest", "--test-dir", NativeBuild.Folder, "--output-on-failure", "--no-tests=error", "-R", $"^{name}$");
        Assert.That(run?.Exit, Is.Zero, run?.Output);
    }

    private static IEnumerable<TestCaseData> Names()
    {
        string[] names = Listed();
        return (names.Length == 0 ? [NotBuilt] : names).Select(name => new TestCaseData(name).SetArgDisplayNames(name));
    }

    private static string[] Listed()
    {
        if (!Directory.Exists(NativeBuild.Folder) || Tool.Run("ctest", "--test-dir", NativeBuild.Folder, "--show-only=json-v1") is not (0, string json))
            return [];
        using JsonDocument listing = JsonDocument.Parse(json);
        return listing.RootElement.GetProperty("tests").EnumerateArray().Select(test => test.GetProperty("name").GetString()!).ToArray();
    }
}
