namespace Seal.Tests;

/// <summary>The repository that the tests were built in: the nearest folder above them with <c>Seal.sln</c>.</summary>
public static class RepositoryRoot
{
    /// <summary>The path of a file or folder in it, which need not exist.</summary>
    public static string Path(params string[] parts)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Seal.sln")))
                return System.IO.Path.Combine([folder.FullName, .. parts]);
        }
        throw new DirectoryNotFoundException($"no folder above {AppContext.BaseDirectory} has Seal.sln in it");
    }
}
