using System.Globalization;
using System.Runtime.InteropServices;

namespace Seal.Kernels.Cuda;

/// <summary>A GPU that the driver shows.</summary>
/// <param name="Architecture">As PTX names it: sm_89.</param>
public sealed record CudaDevice(int Index, string Name, string Architecture, int Multiprocessors)
{
    /// <summary>The architecture as a number: 89.</summary>
    public int Capability => int.Parse(Architecture.AsSpan(3), CultureInfo.InvariantCulture);
}

/// <summary>What there is to compute on, for reports.</summary>
public static class CudaDevices
{
    // CUdevice_attribute
    private const int MultiprocessorCount = 16, ComputeCapabilityMajor = 75, ComputeCapabilityMinor = 76;

    /// <summary>One line: the driver and its devices, or why there are none. Never throws.</summary>
    public static string Describe()
    {
        if (!CudaDriver.TryLoad(out CudaDriver? driver, out string trace))
            return $"not found: {trace}";
        try
        {
            IReadOnlyList<CudaDevice> devices = List(driver);
            return devices.Count == 0
                ? $"found, without a device: {trace}"
                : $"found: {trace}; {string.Join(", ", devices.Select(device => $"{device.Index}: {device.Name} ({device.Architecture})"))}";
        }
        catch (SealException e)
        {
            return $"found, but not usable: {trace}; {e.Message}";
        }
    }

    /// <summary>The devices, none where there is no driver. Never throws.</summary>
    /// <param name="trace">The driver, or why there is none that works.</param>
    public static bool TryList(out IReadOnlyList<CudaDevice> devices, out string trace)
    {
        devices = [];
        if (!CudaDriver.TryLoad(out CudaDriver? driver, out trace))
            return false;
        try
        {
            devices = List(driver);
            return true;
        }
        catch (SealException e)
        {
            trace = $"{trace}; {e.Message}";
            return false;
        }
    }

    /// <summary>Of a device that is there: sm_89.</summary>
    internal static string Architecture(int index) => CudaDriver.TryLoad(out CudaDriver? driver, out string trace)
        ? List(driver)[index].Architecture
        : throw new SealException(trace);

    internal static unsafe IReadOnlyList<CudaDevice> List(CudaDriver driver)
    {
        int count = 0;
        driver.Check(driver.DeviceGetCount(&count), "counting devices");
        var devices = new CudaDevice[count];
        byte* name = stackalloc byte[256];
        for (int i = 0; i < count; i++)
        {
            int device = 0, major = 0, minor = 0, multiprocessors = 0;
            driver.Check(driver.DeviceGet(&device, i), $"opening device {i}");
            driver.Check(driver.DeviceGetName(name, 256, device), $"asking device {i} for its name");
            driver.Check(driver.DeviceGetAttribute(&major, ComputeCapabilityMajor, device), $"asking device {i} for its architecture");
            driver.Check(driver.DeviceGetAttribute(&minor, ComputeCapabilityMinor, device), $"asking device {i} for its architecture");
            driver.Check(driver.DeviceGetAttribute(&multiprocessors, MultiprocessorCount, device), $"asking device {i} for its multiprocessors");
            devices[i] = new CudaDevice(i, Marshal.PtrToStringUTF8((nint)name)!, $"sm_{major}{minor}", multiprocessors);
        }
        return devices;
    }
}
