namespace Seal.Kernels.Cases;

/// <summary>Random matrices in blocks: any quants, scales within a factor of two, so that products with unit inputs have an rms of about 1.</summary>
internal static class QuantizedInputs
{
    public static PackedWeight Weight(Trial trial, string name, BlockType type, int rows, int columns) =>
        trial.Own(trial.Operators.Prepare(new QuantizedMatrix(type, Blocks(name, type, rows, columns), rows, columns)));

    public static byte[] Blocks(string name, BlockType type, int rows, int columns)
    {
        int count = rows * columns / QuantizedBlocks.Length, bytes = type.Bytes();
        byte[] blocks = [.. InputValues.Integers(name, count * bytes, 256).Select(value => (byte)value)];
        double[] scales = InputValues.Random(name + " scales", count, 1, 0, DType.F32);
        // Uniform quants spread by 4.6 (4 bits) or 74 (8 bits) units.
        double unit = 1 / ((type == BlockType.Q8_0 ? 74 : 4.6) * Math.Sqrt(columns));
        for (int i = 0; i < count; i++)
        {
            double d = unit * (1 + 0.2 * scales[i]);
            BitConverter.TryWriteBytes(blocks.AsSpan(i * bytes), (Half)d);
            if (type == BlockType.Q4_1)
                BitConverter.TryWriteBytes(blocks.AsSpan(i * bytes + 2), (Half)(-7 * d));
        }
        return blocks;
    }
}
