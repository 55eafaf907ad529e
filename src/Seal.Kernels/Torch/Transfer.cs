using System.Numerics.Tensors;

namespace Seal.Kernels;

public sealed partial class TorchOperators
{
    public override void Write(ReadOnlySpan<float> values, DeviceBuffer y) => Store(values, y);

    public override void Read(DeviceBuffer x, Span<float> values)
    {
        switch (x.Type)
        {
            case DType.F32:
                x.AsSpan<float>().CopyTo(values);
                break;
            case DType.F64:
                TensorPrimitives.ConvertTruncating<double, float>(x.AsSpan<double>(), values);
                break;
            case DType.BF16:
                ReadOnlySpan<ushort> bits = x.AsSpan<ushort>();
                for (int i = 0; i < bits.Length; i++)
                    values[i] = BitConverter.UInt32BitsToSingle((uint)bits[i] << 16);
                break;
            default:
                throw new ArgumentException($"{x} does not hold floating-point values", nameof(x));
        }
    }

    private static unsafe void Store(ReadOnlySpan<float> values, DeviceBuffer y)
    {
        switch (y.Type)
        {
            case DType.F32:
                values.CopyTo(y.AsSpan<float>());
                break;
            case DType.F64:
                TensorPrimitives.ConvertTruncating<float, double>(values, y.AsSpan<double>());
                break;
            case DType.BF16:
                using (Begin())
                    fixed (float* source = values)
                        View(y).copy_(View(new DeviceBuffer((nint)source, DType.F32, y.Rows, y.Columns, y.Device)));
                break;
            default:
                throw new ArgumentException($"{y} does not hold floating-point values", nameof(y));
        }
    }
}
