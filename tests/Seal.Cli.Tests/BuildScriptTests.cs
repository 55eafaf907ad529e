using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using Seal.Tests;

namespace Seal.Cli.Tests;

/// <summary><c>build.ps1</c>, parsed and run by the PowerShell engine itself.</summary>
public class BuildScriptTests
{
    private static readonly string Script = RepositoryRoot.Path("build.ps1");
    private string folder = "";

    [SetUp]
    public void MakeFolder() => folder = Directory.CreateTempSubdirectory("seal-script-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(folder, recursive: true);

    [Test]
    public void It_parses_without_an_error()
    {
        Parser.ParseFile(Script, out _, out ParseError[] errors);
        Assert.That(errors.Select(error => error.ToString()), Is.Empty);
    }

    [TestCase("build", "> dotnet build {root}/Seal.sln -c Release")]
    [TestCase("test", "> dotnet test {root}/Seal.sln -c Release")]
    [TestCase("bench", "> dotnet run -c Release --project {root}/bench/Seal.Bench -- inner-step")]
    public void A_dry_run_prints_the_command(string verb, string command) =>
        Assert.That(Run(Script, dryRun: true, verb), Is.EqualTo(new[] { command.Replace("{root}", RepositoryRoot.Path()) }));

    [Test]
    public void Further_arguments_are_handed_on() =>
        Assert.That(Run(Script, dryRun: true, "bench", "inner-step", "f32").Single(), Does.EndWith("-- inner-step f32"));

    [Test]
    public void Pack_publishes_and_names_the_archive_by_version_and_platform()
    {
        string[] printed = Run(Script, dryRun: true, "pack").Where(line => !line.StartsWith("> delete")).ToArray();
        Assert.That(printed, Has.Length.EqualTo(2));
        Assert.That(printed[0], Does.StartWith("> dotnet publish ").And.Contain("Seal.Cli -c Release -o "));
        Assert.That(printed[1], Does.Match(@"^> tar -czf \S+/artifacts/seal-\d+\.\d+\.\d+-[a-z]\S+\.tar\.gz -C \S+/artifacts seal$"));
    }

    [Test]
    public void Clean_deletes_what_the_build_made_and_nothing_else()
    {
        string script = CopyWithTree("src/Seal.X/bin/a.dll", "src/Seal.X/obj/b", "tests/T/obj/c", "bench/B/bin/d", "build/native-Release/e", "artifacts/f", "src/Seal.X/X.cs");
        Run(script, dryRun: false, "clean");
        Assert.That(FilesUnder(folder), Is.EquivalentTo(new[] { "build.ps1", "src/Seal.X/X.cs" }));
    }

    [Test]
    public void A_dry_clean_deletes_nothing()
    {
        string script = CopyWithTree("src/Seal.X/bin/a.dll", "tests/T/T.cs", "bench/B/B.cs");
        string[] printed = Run(script, dryRun: true, "clean");
        Assert.That(printed, Is.EqualTo(new[] { $"> delete {folder}/src/Seal.X/bin" }));
        Assert.That(FilesUnder(folder), Has.Member("src/Seal.X/bin/a.dll"));
    }

    [Test]
    public void A_command_that_fails_ends_the_script_with_its_exit_code()
    {
        string script = CopyWithTree(); // No Seal.sln there: dotnet refuses.
        Assert.That(() => Run(script, dryRun: false, "build"), Throws.InstanceOf<RuntimeException>().With.Message.Contains("ended with exit code 1"));
    }

    [Test]
    public void An_unknown_verb_is_refused_with_the_known_ones() =>
        Assert.That(() => Run(Script, dryRun: true, "publish"), Throws.InstanceOf<ParameterBindingException>().With.Message.Contains("build,test,bench,pack,clean"));

    private static string[] Run(string script, bool dryRun, params string[] arguments)
    {
        // CreateDefault2 brings the language and the engine's own commands alone.
        using var shell = PowerShell.Create(InitialSessionState.CreateDefault2());
        shell.AddCommand(script).AddParameter("DryRun", dryRun);
        foreach (string argument in arguments)
            shell.AddArgument(argument);
        return shell.Invoke().Select(line => line.ToString().Replace('\\', '/')).ToArray();
    }

    private string CopyWithTree(params string[] files)
    {
        foreach (string file in files)
        {
            string path = Path.Combine(folder, file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, "");
        }
        string script = Path.Combine(folder, "build.ps1");
        File.Copy(Script, script);
        return script;
    }

    private static IEnumerable<string> FilesUnder(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/'));
}
