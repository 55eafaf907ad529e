using Seal.Kernels.Native;

namespace Seal.Kernels.Tests.Native;

public class SealEngineTests
{
    [SetUp]
    public void NeedsLibrary() => NativeBuild.RequireLibrary();

    [Test]
    public void The_processor_is_described()
    {
        CpuFeatures cpu = SealNative.Cpu;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(cpu.Cores, Is.InRange(1, 4096));
            Assert.That(cpu.Instructions, Is.Unique);
            Assert.That(cpu.Has("avx2"), Is.EqualTo(System.Runtime.Intrinsics.X86.Avx2.IsSupported));
            Assert.That(cpu.Brand, Does.Not.StartWith(" ").And.Not.EndWith(" ").And.Not.Contain("\0"));
        }
    }

    [Test]
    public void An_engine_keeps_what_it_was_made_with()
    {
        using SealEngineHandle engine = SealEngineHandle.Create(threads: 3, isa: "portable");
        Assert.That(engine.Threads, Is.EqualTo(3));
        Assert.That(engine.InstructionSet, Is.EqualTo(InstructionSet.Portable));
    }

    [TestCase("3", 3)]
    [TestCase(null, 0)]
    public void Zero_threads_are_what_the_environment_says_or_one_a_core(string? setting, int threads)
    {
        string? before = Environment.GetEnvironmentVariable("SEAL_THREADS");
        try
        {
            Environment.SetEnvironmentVariable("SEAL_THREADS", setting);
            using SealEngineHandle engine = SealEngineHandle.Create();
            Assert.That(engine.Threads, Is.EqualTo(threads == 0 ? SealNative.Cpu.Cores : threads));
        }
        finally
        {
            Environment.SetEnvironmentVariable("SEAL_THREADS", before);
        }
    }

    [TestCase(1, "neon", "instruction set 'neon' is not known: this machine has ")]
    [TestCase(-1, null, "threads is -1, expected 0 (one a core) to 1024")]
    public void A_wrong_argument_is_an_error_with_the_library_s_text(int threads, string? isa, string text) =>
        Assert.That(() => SealEngineHandle.Create(threads, isa), Throws.TypeOf<SealException>().With.Message.StartsWith(text));

    [Test]
    public void The_environment_chooses_the_instruction_set()
    {
        string? before = Environment.GetEnvironmentVariable("SEAL_ISA");
        try
        {
            Environment.SetEnvironmentVariable("SEAL_ISA", "portable");
            using SealEngineHandle engine = SealEngineHandle.Create();
            Assert.That(engine.InstructionSet, Is.EqualTo(InstructionSet.Portable));
        }
        finally
        {
            Environment.SetEnvironmentVariable("SEAL_ISA", before);
        }
    }

    [Test]
    public void A_disposed_engine_is_refused()
    {
        SealEngineHandle engine = SealEngineHandle.Create(1);
        engine.Dispose();
        Assert.That(() => engine.Threads, Throws.TypeOf<ObjectDisposedException>());
    }
}
