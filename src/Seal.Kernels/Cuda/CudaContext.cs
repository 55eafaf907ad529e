using System.Text;

namespace Seal.Kernels.Cuda;

/// <summary>
/// The primary context of one device: the one that libtorch uses, so that each can read the other's memory without a copy. Everything is
/// enqueued on its default stream, in order.
/// </summary>
internal sealed unsafe class CudaContext : IDisposable
{
    private readonly int _device;
    private readonly nint _context;
    private bool _released;

    /// <exception cref="SealException">There is no driver, or no such device.</exception>
    public CudaContext(int index)
    {
        if (!CudaDriver.TryLoad(out CudaDriver? driver, out string trace))
            throw new SealException($"device cuda:{index} cannot be had: {trace}");
        Driver = driver;
        IReadOnlyList<CudaDevice> devices = CudaDevices.List(driver);
        if (index < 0 || index >= devices.Count)
            throw new SealException($"device cuda:{index} cannot be had: the driver shows {devices.Count} devices, numbered from 0");
        Device = devices[index];
        int device = 0;
        driver.Check(driver.DeviceGet(&device, index), $"opening device {index}");
        _device = device;
        nint context = 0;
        driver.Check(driver.PrimaryContextRetain(&context, device), $"retaining the primary context of device {index}");
        _context = context;
        MakeCurrent();
    }

    public CudaDriver Driver { get; }

    public CudaDevice Device { get; }

    /// <summary>Contexts are current a thread, and any thread may call: so before everything else that is asked of the driver.</summary>
    public void MakeCurrent() => Driver.Check(Driver.SetCurrentContext(_context), "making the context current");

    /// <summary>The driver compiles PTX for its device; the module stays until the context goes.</summary>
    public nint LoadFunction(string assembly, string entry)
    {
        MakeCurrent();
        nint module = 0, function = 0;
        fixed (byte* text = Encoding.ASCII.GetBytes(assembly + "\0"))
            Driver.Check(Driver.ModuleLoadData(&module, text), $"loading the module of {entry}");
        fixed (byte* name = Encoding.ASCII.GetBytes(entry + "\0"))
            Driver.Check(Driver.ModuleGetFunction(&function, module, name), $"finding {entry} in its module");
        return function;
    }

    /// <param name="parameter">The bytes of the kernel's one parameter.</param>
    public void Launch(nint function, int groups, int groupSize, ReadOnlySpan<byte> parameter)
    {
        MakeCurrent();
        fixed (byte* bytes = parameter)
        {
            void* one = bytes;
            Driver.Check(Driver.LaunchKernel(function, (uint)groups, 1, 1, (uint)groupSize, 1, 1, 0, 0, &one, null), "launching a kernel");
        }
    }

    public void CopyIn(ReadOnlySpan<byte> from, nint to)
    {
        MakeCurrent();
        fixed (byte* source = from)
            Driver.Check(Driver.CopyHostToDevice(to, source, (nuint)from.Length), $"copying {from.Length} bytes to the device");
    }

    /// <summary>Waits for what was enqueued before.</summary>
    public void CopyOut(nint from, Span<byte> to)
    {
        MakeCurrent();
        fixed (byte* target = to)
            Driver.Check(Driver.CopyDeviceToHost(target, from, (nuint)to.Length), $"copying {to.Length} bytes from the device");
    }

    /// <summary>From any thread, the finaliser's too.</summary>
    public bool TryFree(nint memory) => Driver.SetCurrentContext(_context) == 0 && Driver.MemoryFree(memory) == 0;

    public void Dispose()
    {
        if (_released)
            return;
        _released = true;
        _ = Driver.PrimaryContextRelease(_device); // at the end of a process the driver may be gone already
    }
}
