using ILGPU;
using Seal.Kernels.Cuda;

namespace Seal.Kernels.Ilgpu;

/// <summary>The kernels as PTX on an NVIDIA GPU, in libtorch's context, by the driver alone.</summary>
internal sealed unsafe class CudaLauncher : Launcher
{
    /// <summary>Where tables of a step are copied to, one behind the other; copies and launches are in one order, so the ring may come round.</summary>
    private const int StagingBytes = 4 << 20;

    private readonly CudaContext _context;
    private readonly Ptx _ptx;
    private readonly Dictionary<Kernel, nint> _functions = [];
    private CudaMemory _staging;
    private long _staged;

    /// <exception cref="SealException">No driver, no such device, or one that these kernels are not made for.</exception>
    public CudaLauncher(int index)
    {
        _context = new CudaContext(index);
        _ptx = new Ptx(ArchitectureFor(_context.Device.Architecture));
        _staging = new CudaMemory(_context, StagingBytes);
    }

    public override Device Device => Device.Cuda(_context.Device.Index);

    public override string Numerics => _context.Device.Architecture;

    /// <summary>The newest architecture that PTX is made for and a device of this one runs.</summary>
    /// <param name="device">As the driver names it: sm_87.</param>
    internal static string ArchitectureFor(string device) =>
        Ptx.Architectures.LastOrDefault(known => Number(known) <= Number(device))
        ?? throw new SealException($"the ilgpu backend needs a device of sm_80 or newer, not {device}");

    public override DeviceMemory Allocate(long bytes) => new CudaMemory(_context, bytes);

    /// <summary>Only its address and length count: no kernel on a GPU sees the buffer that a view belongs to.</summary>
    public override ArrayView<T> View<T>(nint pointer, long elements) => new(null!, pointer / sizeof(T), elements);

    public override ArrayView<T> HostView<T>(nint pointer, long elements)
    {
        long bytes = elements * sizeof(T), start = (_staged + sizeof(T) - 1) / sizeof(T) * sizeof(T);
        // From the address 0 on, a view begins at a multiple of its element's size.
        start += (sizeof(T) - (_staging.Pointer + start) % sizeof(T)) % sizeof(T);
        if (start + bytes > _staging.Bytes)
        {
            if (bytes + 2 * sizeof(T) > _staging.Bytes)
            {
                _context.CopyOut(_staging.Pointer, new byte[1]); // waits for the kernels that read it
                _staging.Dispose();
                _staging = new CudaMemory(_context, 2 * bytes + 256);
            }
            start = (sizeof(T) - _staging.Pointer % sizeof(T)) % sizeof(T);
        }
        _staged = start + bytes;
        if (bytes > 0)
            _context.CopyIn(new ReadOnlySpan<byte>((void*)pointer, checked((int)bytes)), _staging.Pointer + (nint)start);
        return View<T>(_staging.Pointer + (nint)start, elements);
    }

    public override void Launch<TArguments>(Kernel<TArguments> kernel, int items, in TArguments arguments)
    {
        if (items == 0)
            return;
        ParameterBytes bytes = new(stackalloc byte[ParameterBytes.Capacity]);
        arguments.Pack(ref bytes);
        _context.Launch(FunctionOf(kernel), items, default(GpuShape).GroupSize, bytes.Padded());
    }

    private nint FunctionOf(Kernel kernel)
    {
        if (_functions.TryGetValue(kernel, out nint function))
            return function;
        PtxKernel compiled = _ptx.Compile(kernel);
        return _functions[kernel] = _context.LoadFunction(compiled.Assembly, compiled.Entry);
    }

    public override void CopyIn(ReadOnlySpan<byte> from, nint to) => _context.CopyIn(from, to);

    public override void CopyOut(nint from, Span<byte> to) => _context.CopyOut(from, to);

    public override void Dispose()
    {
        _staging.Dispose();
        _ptx.Dispose();
        _context.Dispose();
    }

    private static int Number(string architecture) => int.Parse(architecture.AsSpan(3), System.Globalization.CultureInfo.InvariantCulture);
}
