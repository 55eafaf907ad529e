using Seal.Kernels.Native;

namespace Seal.Kernels;

public sealed partial class NativeOperators
{
    public override unsafe void Write(ReadOnlySpan<float> values, DeviceBuffer y)
    {
        if (values.Length != y.Elements)
            throw new ArgumentException($"{values.Length} values for {y}", nameof(values));
        fixed (float* source = values)
            LibSeal.seal_cast(_engine, SealDType.F32, (nint)source, y.NativeType(), y.Pointer, y.Elements).ThrowOnFailure();
    }

    public override unsafe void Read(DeviceBuffer x, Span<float> values)
    {
        if (values.Length < x.Elements)
            throw new ArgumentException($"room for {values.Length} values of {x}", nameof(values));
        fixed (float* target = values)
            LibSeal.seal_cast(_engine, x.NativeType(), x.Pointer, SealDType.F32, (nint)target, x.Elements).ThrowOnFailure();
    }
}
