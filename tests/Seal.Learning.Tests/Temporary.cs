namespace Seal.Learning.Tests;

/// <summary>A folder of one test, gone with it.</summary>
internal sealed class Temporary : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("seal-");

    public string Folder => _folder.FullName;

    /// <summary>The path of a file in it, written when a text is given.</summary>
    public string File(string name, string? text = null)
    {
        string path = Path.Combine(_folder.FullName, name);
        if (text is not null)
            System.IO.File.WriteAllText(path, text);
        return path;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
