using Seal.Kernels.Native;

namespace Seal.Kernels.Tests.Native;

/// <summary>How libseal is looked for, and what is said when it is not found.</summary>
public class LibSealLoadTests
{
    private string folder = "";

    [SetUp]
    public void MakeFolder() => folder = Directory.CreateTempSubdirectory("seal-load-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(folder, recursive: true);

    [Test]
    public void Beside_the_program_comes_first() =>
        Assert.That(LibSealLoad.Candidates(null, "/program")[0], Is.EqualTo(Path.Combine("/program", LibSealLoad.FileName)));

    [Test]
    public void A_forced_file_is_the_only_candidate() =>
        Assert.That(LibSealLoad.Candidates("/else/where.so", "/program"), Is.EqualTo(new[] { "/else/where.so" }));

    [Test]
    public void A_forced_folder_means_the_file_in_it() =>
        Assert.That(LibSealLoad.Candidates(folder, "/program"), Is.EqualTo(new[] { Path.Combine(folder, LibSealLoad.FileName) }));

    [Test]
    public void Every_failure_is_told_with_its_reason_and_what_to_install()
    {
        string absent = Path.Combine(folder, "absent.so"), broken = Path.Combine(folder, "broken.so");
        File.WriteAllText(broken, "no library");
        LibSealLoad.Outcome outcome = LibSealLoad.Load([absent, broken], 1, 1);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.Handle, Is.EqualTo(nint.Zero));
            Assert.That(outcome.Trace, Does.Contain($"{absent}: no such file"));
            Assert.That(outcome.Trace, Does.Match($@"{broken}: \S+"));
            Assert.That(outcome.Trace, Does.Contain("apt-get install g++ cmake"));
        }
    }

    [Test]
    public void Another_library_is_refused()
    {
        string? other = Directory.GetFiles(AppContext.BaseDirectory, "*LibTorchSharp*", SearchOption.AllDirectories).FirstOrDefault(f => f.EndsWith(".so"));
        Assume.That(other, Is.Not.Null, "a shared library that is not libseal");
        TorchSharp.torch.ones(1).Dispose(); // Its dependencies are in memory from here on.
        LibSealLoad.Outcome outcome = LibSealLoad.Load([other!], 1, 1);
        Assert.That(outcome.Handle, Is.EqualTo(nint.Zero));
        Assert.That(outcome.Trace, Does.Contain("is not libseal"));
    }

    [Test]
    public void An_ABI_out_of_range_is_refused_with_the_range()
    {
        LibSealLoad.Outcome outcome = LibSealLoad.Load([Built()], 5, 7);
        Assert.That(outcome.Handle, Is.EqualTo(nint.Zero));
        Assert.That(outcome.Trace, Does.Contain($"has ABI {LibSealLoad.LastVersion}, this program understands 5 to 7"));
    }

    [Test]
    public void A_later_candidate_is_used_when_the_first_fails()
    {
        LibSealLoad.Outcome outcome = LibSealLoad.Load([Path.Combine(folder, "absent.so"), Built()], LibSealLoad.FirstVersion, LibSealLoad.LastVersion);
        Assert.That(outcome.Handle, Is.Not.EqualTo(nint.Zero));
        Assert.That(outcome.Trace, Does.Contain("no such file").And.Contain("loaded, ABI"));
    }

    [Test]
    public void The_built_library_is_loaded_from_beside_the_program()
    {
        string beside = Built();
        Assert.That(SealNative.TryLoad(out string trace), Is.True, trace);
        if (Environment.GetEnvironmentVariable("SEAL_NATIVE") is null)
            Assert.That(trace, Does.Contain($"{beside}: loaded"));
    }

    private static string Built() => NativeBuild.RequireLibrary();
}
