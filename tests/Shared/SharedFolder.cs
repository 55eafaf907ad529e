using NUnit.Framework;

namespace Seal.Tests;

/// <summary>
/// The folder of goldens, models and data that stands beside the repository. It is not part of it: a test that needs it
/// is ignored, by name, where it is absent.
/// </summary>
public static class SharedFolder
{
    /// <summary>The path of a file or folder in it, or the test is ignored with the name of what is missing.</summary>
    public static string Require(params string[] parts)
    {
        string wanted = Path.Combine(parts);
        string? root = Find();
        if (root is null) Assert.Ignore($"needs {Path.Combine("shared", wanted)}: no folder 'shared' with 'goldens' in it beside or above the repository");
        string path = Path.Combine(root!, wanted);
        if (!File.Exists(path) && !Directory.Exists(path)) Assert.Ignore($"needs {Path.Combine("shared", wanted)}: it is not in {root}");
        return path;
    }

    private static string? Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string shared = Path.Combine(folder.FullName, "shared");
            if (Directory.Exists(Path.Combine(shared, "goldens"))) return shared;
        }
        return null;
    }
}
