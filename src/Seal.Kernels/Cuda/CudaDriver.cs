using System.Runtime.InteropServices;

namespace Seal.Kernels.Cuda;

/// <summary>
/// The functions of NVIDIA's driver that launching PTX takes, found at run time: neither a CUDA installation nor a link-time dependency. All
/// return a CUresult, 0 for success. (CUDA Driver API reference; the names with _v2 are those with 64-bit sizes.)
/// </summary>
internal sealed unsafe class CudaDriver
{
    private static readonly Lazy<(CudaDriver? Driver, string Trace)> Loaded = new(Load);

    public readonly delegate* unmanaged<uint, int> Init;
    public readonly delegate* unmanaged<int*, int> DriverGetVersion;
    public readonly delegate* unmanaged<int*, int> DeviceGetCount;
    public readonly delegate* unmanaged<int*, int, int> DeviceGet;
    public readonly delegate* unmanaged<byte*, int, int, int> DeviceGetName;
    public readonly delegate* unmanaged<int*, int, int, int> DeviceGetAttribute;
    public readonly delegate* unmanaged<nint*, int, int> PrimaryContextRetain;
    public readonly delegate* unmanaged<int, int> PrimaryContextRelease;
    public readonly delegate* unmanaged<nint, int> SetCurrentContext;
    public readonly delegate* unmanaged<int> Synchronize;
    public readonly delegate* unmanaged<nint*, byte*, int> ModuleLoadData;
    public readonly delegate* unmanaged<nint, int> ModuleUnload;
    public readonly delegate* unmanaged<nint*, nint, byte*, int> ModuleGetFunction;
    public readonly delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int> LaunchKernel;
    public readonly delegate* unmanaged<nint*, nuint, int> MemoryAllocate;
    public readonly delegate* unmanaged<nint, int> MemoryFree;
    public readonly delegate* unmanaged<nint, void*, nuint, int> CopyHostToDevice;
    public readonly delegate* unmanaged<void*, nint, nuint, int> CopyDeviceToHost;
    private readonly delegate* unmanaged<int, byte**, int> _getErrorName;
    private readonly delegate* unmanaged<int, byte**, int> _getErrorString;

    /// <exception cref="EntryPointNotFoundException">The library is no CUDA driver, or too old a one.</exception>
    private CudaDriver(nint library)
    {
        Init = (delegate* unmanaged<uint, int>)Export("cuInit");
        DriverGetVersion = (delegate* unmanaged<int*, int>)Export("cuDriverGetVersion");
        DeviceGetCount = (delegate* unmanaged<int*, int>)Export("cuDeviceGetCount");
        DeviceGet = (delegate* unmanaged<int*, int, int>)Export("cuDeviceGet");
        DeviceGetName = (delegate* unmanaged<byte*, int, int, int>)Export("cuDeviceGetName");
        DeviceGetAttribute = (delegate* unmanaged<int*, int, int, int>)Export("cuDeviceGetAttribute");
        PrimaryContextRetain = (delegate* unmanaged<nint*, int, int>)Export("cuDevicePrimaryCtxRetain");
        PrimaryContextRelease = (delegate* unmanaged<int, int>)Export("cuDevicePrimaryCtxRelease_v2");
        SetCurrentContext = (delegate* unmanaged<nint, int>)Export("cuCtxSetCurrent");
        Synchronize = (delegate* unmanaged<int>)Export("cuCtxSynchronize");
        ModuleLoadData = (delegate* unmanaged<nint*, byte*, int>)Export("cuModuleLoadData");
        ModuleUnload = (delegate* unmanaged<nint, int>)Export("cuModuleUnload");
        ModuleGetFunction = (delegate* unmanaged<nint*, nint, byte*, int>)Export("cuModuleGetFunction");
        LaunchKernel = (delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int>)Export("cuLaunchKernel");
        MemoryAllocate = (delegate* unmanaged<nint*, nuint, int>)Export("cuMemAlloc_v2");
        MemoryFree = (delegate* unmanaged<nint, int>)Export("cuMemFree_v2");
        CopyHostToDevice = (delegate* unmanaged<nint, void*, nuint, int>)Export("cuMemcpyHtoD_v2");
        CopyDeviceToHost = (delegate* unmanaged<void*, nint, nuint, int>)Export("cuMemcpyDtoH_v2");
        _getErrorName = (delegate* unmanaged<int, byte**, int>)Export("cuGetErrorName");
        _getErrorString = (delegate* unmanaged<int, byte**, int>)Export("cuGetErrorString");

        void* Export(string name) => (void*)NativeLibrary.GetExport(library, name);
    }

    /// <summary>The driver's library, as the system's loader finds it.</summary>
    public static string LibraryName => OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1";

    /// <summary>Loads and initialises the driver once a process. Never throws.</summary>
    /// <param name="trace">What was found, or what was tried and why it failed: one line.</param>
    public static bool TryLoad([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out CudaDriver? driver, out string trace)
    {
        (driver, trace) = Loaded.Value;
        return driver is not null;
    }

    /// <exception cref="SealException">A call failed: the driver's own name and words for it, and what was being done.</exception>
    public void Check(int result, string doing)
    {
        if (result != 0)
            throw new SealException($"CUDA: {doing} failed: {Describe(result)}");
    }

    /// <summary>The driver's name and words for a result.</summary>
    public string Describe(int result)
    {
        byte* name = null, words = null;
        _ = _getErrorName(result, &name); // leaves null where it does not know the number
        _ = _getErrorString(result, &words);
        return name is null ? $"error {result}" : $"{Marshal.PtrToStringUTF8((nint)name)} ({result}): {Marshal.PtrToStringUTF8((nint)words)}";
    }

    private static (CudaDriver?, string) Load() => LoadFrom(LibraryName);

    /// <summary>The driver in this library; null and the reason where there is none that works.</summary>
    internal static (CudaDriver? Driver, string Trace) LoadFrom(string name)
    {
        if (!NativeLibrary.TryLoad(name, out nint library))
            return (null, $"{name} does not load: no NVIDIA driver is installed, or it is not where the system looks for libraries");
        try
        {
            CudaDriver driver = new(library);
            int result = driver.Init(0);
            if (result != 0)
                return (null, $"{name} loads, but cuInit failed: {driver.Describe(result)}");
            int version = 0;
            driver.Check(driver.DriverGetVersion(&version), "asking for the driver's version");
            return (driver, $"{name}, CUDA {version / 1000}.{version % 1000 / 10}");
        }
        catch (Exception e) when (e is EntryPointNotFoundException or SealException)
        {
            return (null, $"{name} loads, but is no CUDA driver that this program can use: {e.Message}");
        }
    }
}
