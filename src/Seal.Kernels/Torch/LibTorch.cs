using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Seal.Kernels;

/// <summary>What TorchSharp keeps to itself: loading with a readable error, and tensors over memory that is not libtorch's.</summary>
public static unsafe partial class LibTorch
{
    private static readonly Lock Gate = new();
    private static bool _ready;

    /// <summary>Loads libtorch once and sets its threads from <c>SEAL_THREADS</c>, if that is set.</summary>
    /// <exception cref="SealException">SEAL_THREADS is not a whole number above 0, or libtorch does not load.</exception>
    public static void Initialise()
    {
        lock (Gate)
        {
            if (_ready)
                return;
            int? threads = Threads(Environment.GetEnvironmentVariable("SEAL_THREADS"));
            try
            {
                torch.InitializeDeviceType(DeviceType.CPU);
                if (threads is int count)
                    torch.set_num_threads(count);
            }
            catch (Exception e) when (e is NotSupportedException or DllNotFoundException or TypeInitializationException or BadImageFormatException)
            {
                throw new SealException($"the torch backend does not load: {(e.InnerException ?? e).Message}", e);
            }
            _ready = true;
        }
    }

    /// <summary>Threads that SEAL_THREADS asks for; null where it is unset or empty.</summary>
    internal static int? Threads(string? setting)
    {
        if (string.IsNullOrEmpty(setting))
            return null;
        if (int.TryParse(setting, NumberStyles.None, CultureInfo.InvariantCulture, out int threads) && threads is > 0 and <= 1024)
            return threads;
        throw new SealException($"SEAL_THREADS is '{setting}': expected a whole number from 1 to 1024, or leave it unset for one thread a core");
    }

    /// <summary>A tensor over a host buffer, without a copy. The buffer must outlive it.</summary>
    internal static torch.Tensor Wrap(DeviceBuffer buffer)
    {
        long* sizes = stackalloc long[2] { buffer.Rows, buffer.Columns };
        sbyte type = (sbyte)TypeOf(buffer.Type);
        nint tensor = THSTensor_new(buffer.Pointer, &KeepMemory, sizes, 2, type, type, 0, 0, 0);
        if (tensor == 0)
            torch.CheckForErrors();
        return torch.Tensor.UnsafeCreateTensor(tensor);
    }

    internal static torch.ScalarType TypeOf(DType type) => type switch
    {
        DType.F32 => torch.ScalarType.Float32,
        DType.BF16 => torch.ScalarType.BFloat16,
        DType.F64 => torch.ScalarType.Float64,
        DType.I32 => torch.ScalarType.Int32,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "unknown element type"),
    };

    // from_blob insists on a deleter; the memory is ours and stays. A static function's address cannot be collected.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void KeepMemory(nint data) { }

    [LibraryImport("LibTorchSharp")]
    private static partial nint THSTensor_new(
        nint data, delegate* unmanaged[Cdecl]<nint, void> deleter, long* sizes, int dimensions, sbyte elementType, sbyte type,
        int deviceType, int deviceIndex, byte requiresGrad);
}
