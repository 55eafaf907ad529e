using Seal.Kernels.Cuda;
using Seal.Kernels.Ilgpu;

namespace Seal.Kernels.Tests.Native;

/// <summary>What decides between a GPU and its absence, on devices that no machine need have.</summary>
public class CudaAbsenceTests
{
    private static readonly CudaDevice Old = new(0, "an old card", "sm_75", 68), New = new(1, "a new card", "sm_90", 132);

    [Test]
    public void What_is_missing_is_said_first_things_first()
    {
        Assert.Multiple(() =>
        {
            Assert.That(CudaAbsence.Of(false, [], "no libcuda", "libseal_cuda.so", true), Is.EqualTo(new CudaAbsence("no driver", "no libcuda")));
            Assert.That(CudaAbsence.Of(true, [], "libcuda 12.4", "libseal_cuda.so", true)!.Reason, Is.EqualTo("libcuda 12.4 shows no device"));
            Assert.That(CudaAbsence.Of(true, [Old, New], "libcuda 12.4", "libseal_cuda.so", true)!.Reason, Does.Contain("an old card, sm_75"));
            Assert.That(CudaAbsence.Of(true, [New], "libcuda 12.4", "libseal_cuda.so", false)!.Reason, Does.StartWith("libseal_cuda.so is not beside the program"));
            Assert.That(CudaAbsence.Of(true, [New], "libcuda 12.4", "libseal_cuda.so", true), Is.Null);
        });
    }

    [Test]
    public void Ilgpu_takes_the_first_device_that_it_is_made_for()
    {
        Assert.That(IlgpuBackend.Choose([]), Is.Null);
        Assert.That(IlgpuBackend.Choose([Old]), Is.Null);
        Assert.That(IlgpuBackend.Choose([Old, New]), Is.EqualTo(New));
    }

    [Test]
    public void Without_a_device_ilgpu_is_simulated_and_says_so()
    {
        CudaDevices.TryList(out IReadOnlyList<CudaDevice> devices, out _);
        using Operators operators = IlgpuBackend.Open(DType.F32);
        Assert.That(operators.Numerics, Does.EndWith(IlgpuBackend.Choose(devices)?.Architecture ?? "CPU accelerator"));
    }
}
