using Seal.Tests;

namespace Seal.Cli.Tests;

/// <summary>Printed texts as they were last approved, in Snapshots/. SEAL_UPDATE_SNAPSHOTS=1 approves what is printed now.</summary>
internal static class Snapshot
{
    public static void AssertMatches(string name, string printed)
    {
        string file = RepositoryRoot.Path("tests", "Seal.Cli.Tests", "Snapshots", name + ".txt");
        string text = string.Join('\n', printed.ReplaceLineEndings("\n").Split('\n').Select(line => line.TrimEnd())).TrimEnd() + "\n";
        if (Environment.GetEnvironmentVariable("SEAL_UPDATE_SNAPSHOTS") == "1")
            File.WriteAllText(file, text);
        Assert.That(text, Is.EqualTo(File.Exists(file) ? File.ReadAllText(file).ReplaceLineEndings("\n") : ""), $"{file}; SEAL_UPDATE_SNAPSHOTS=1 approves the new text");
    }
}
