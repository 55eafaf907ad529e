namespace Seal.Kernels.Cases;

/// <summary>The numbers that cases run on: functions of a name and an index, the same on every machine.</summary>
public static class InputValues
{
    /// <summary>Uniform with mean <paramref name="centre"/> and standard deviation <paramref name="spread"/>, rounded to a type.</summary>
    public static double[] Random(string name, long count, double spread, double centre, DType rounding)
    {
        ulong seed = CounterRandom.Derive(0, name);
        double[] values = new double[count];
        for (long i = 0; i < count; i++)
            values[i] = Round(centre + spread * Unit(seed, i), rounding);
        return values;
    }

    /// <summary>A direction of unit rms to shift an input along.</summary>
    public static double[] Direction(string name, int number, long count)
    {
        ulong seed = CounterRandom.Derive((ulong)number + 1, name);
        double[] values = new double[count];
        for (long i = 0; i < count; i++)
            values[i] = Unit(seed, i);
        return values;
    }

    /// <summary>Whole numbers from 0 up to a limit.</summary>
    public static int[] Integers(string name, int count, int limit)
    {
        ulong seed = CounterRandom.Derive(0, name);
        int[] values = new int[count];
        for (int i = 0; i < count; i++)
            values[i] = (int)(CounterRandom.Uniform(seed, (ulong)i) * limit);
        return values;
    }

    public static float[] Floats(double[] values) => Array.ConvertAll(values, value => (float)value);

    // √3·(−1 … 1) has variance 1.
    private static double Unit(ulong seed, long i) => Math.Sqrt(3) * (2 * CounterRandom.Uniform(seed, (ulong)i) - 1);

    private static double Round(double value, DType type)
    {
        if (type != DType.BF16)
            return (float)value;
        uint bits = BitConverter.SingleToUInt32Bits((float)value);
        bits += 0x7FFF + ((bits >> 16) & 1); // to nearest, ties to even
        return BitConverter.UInt32BitsToSingle(bits & 0xFFFF0000);
    }
}
