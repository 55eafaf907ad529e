using Seal.Kernels.Cuda;
using Seal.Kernels.Ilgpu;

namespace Seal.Kernels.Tests.Ilgpu;

/// <summary>What a machine without a GPU can tell of the driver's loader: that it says so.</summary>
public class CudaDriverTests
{
    [Test]
    public void ALibraryThatIsNotThereIsALine()
    {
        (CudaDriver? driver, string trace) = CudaDriver.LoadFrom("libcuda-of-no-machine.so.7");
        Assert.That(driver, Is.Null);
        Assert.That(trace, Does.Contain("libcuda-of-no-machine.so.7").And.Contain("no NVIDIA driver").And.Not.Contain("\n"));
    }

    [Test]
    public void ALibraryThatIsNoDriverIsALine()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Ignore("names a library of Linux");
        (CudaDriver? driver, string trace) = CudaDriver.LoadFrom("libm.so.6");
        Assert.That(driver, Is.Null);
        Assert.That(trace, Does.Contain("libm.so.6 loads, but is no CUDA driver").And.Contain("cuInit").And.Not.Contain("\n"));
    }

    [Test]
    public void DevicesAreDescribedOrTheirAbsenceIs()
    {
        string line = CudaDevices.Describe();
        Assert.That(line, Does.StartWith("found").Or.StartWith("not found: " + CudaDriver.LibraryName));
        Assert.That(line, Does.Not.Contain("\n"));
    }

    [Test]
    public void WithoutADeviceTheBackendSaysWhy()
    {
        if (CudaDriver.TryLoad(out _, out _))
            Assert.Ignore("this machine has a CUDA driver");
        Assert.That(() => IlgpuBackend.OpenCuda(DType.F32, 3), Throws.TypeOf<SealException>().With.Message.Contains("cuda:3").And.Message.Contains(CudaDriver.LibraryName));
    }

    [TestCase("sm_80", "sm_80")]
    [TestCase("sm_87", "sm_86")]
    [TestCase("sm_89", "sm_89")]
    [TestCase("sm_90", "sm_90")]
    [TestCase("sm_120", "sm_90")]
    public void ADeviceRunsTheNewestArchitectureUpToItsOwn(string device, string architecture) =>
        Assert.That(CudaLauncher.ArchitectureFor(device), Is.EqualTo(architecture));

    [Test]
    public void AnOldDeviceIsRefused() =>
        Assert.That(() => CudaLauncher.ArchitectureFor("sm_75"), Throws.TypeOf<SealException>().With.Message.Contains("sm_75"));
}
