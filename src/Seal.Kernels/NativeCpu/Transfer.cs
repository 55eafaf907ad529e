using Seal.Kernels.Native;

namespace Seal.Kernels;

public sealed partial class NativeOperators
{
    private DeviceMemory? _widened; // f32 on the device, on its way to or from another type; grows to the largest transfer

    /// <summary>On the processor one pass, which rounds. To a device the values are copied, and rounded there.</summary>
    public override unsafe void Write(ReadOnlySpan<float> values, DeviceBuffer y)
    {
        if (values.Length != y.Elements)
            throw new ArgumentException($"{values.Length} values for {y}", nameof(values));
        fixed (float* source = values)
        {
            if (y.Device.Kind == DeviceKind.Host)
            {
                LibSeal.seal_cast(_engine, SealDType.F32, (nint)source, y.NativeType(), y.Pointer, y.Elements).ThrowOnFailure();
                return;
            }
            bool narrow = y.Type != DType.F32;
            DeviceBuffer target = narrow ? Widened(y) : y;
            LibSeal.seal_memory_write(_engine, target.Pointer, source, target.Bytes).ThrowOnFailure();
            if (narrow)
                Cast(target, y);
        }
    }

    public override unsafe void Read(DeviceBuffer x, Span<float> values)
    {
        if (values.Length < x.Elements)
            throw new ArgumentException($"room for {values.Length} values of {x}", nameof(values));
        fixed (float* target = values)
        {
            if (x.Device.Kind == DeviceKind.Host)
            {
                LibSeal.seal_cast(_engine, x.NativeType(), x.Pointer, SealDType.F32, (nint)target, x.Elements).ThrowOnFailure();
                return;
            }
            bool narrow = x.Type != DType.F32;
            DeviceBuffer source = narrow ? Widened(x) : x;
            if (narrow)
                Cast(x, source);
            LibSeal.seal_memory_read(_engine, source.Pointer, target, source.Bytes).ThrowOnFailure();
        }
    }

    private DeviceBuffer Widened(DeviceBuffer like)
    {
        if (_widened is null || _widened.Bytes < like.Elements * sizeof(float))
        {
            _widened?.Dispose();
            _widened = Allocate(like.Elements * sizeof(float));
        }
        return like with { Pointer = _widened.Pointer, Type = DType.F32 };
    }
}
