using System.Numerics;
using System.Runtime.InteropServices;

namespace Seal.Models.Formats;

/// <summary>bfloat16 is the upper half of a float32: same sign and exponent, 7 bits of fraction.</summary>
internal static class BFloat16
{
    /// <summary>Exact.</summary>
    public static void Widen(ReadOnlySpan<ushort> source, Span<float> destination)
    {
        Span<uint> bits = MemoryMarshal.Cast<float, uint>(destination);
        int i = 0;
        for (; i <= source.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Widen(new Vector<ushort>(source[i..]), out Vector<uint> low, out Vector<uint> high);
            (low << 16).CopyTo(bits[i..]);
            (high << 16).CopyTo(bits[(i + Vector<uint>.Count)..]);
        }
        for (; i < source.Length; i++) bits[i] = (uint)source[i] << 16;
    }

    /// <summary>To the nearest, ties to even; what is beyond the largest becomes infinity; a NaN stays one.</summary>
    public static void Round(ReadOnlySpan<float> source, Span<ushort> destination)
    {
        for (int i = 0; i < source.Length; i++) destination[i] = Round(source[i]);
    }

    public static ushort Round(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        if (float.IsNaN(value)) return (ushort)((bits >> 16) | 0x0040); // quiet: a payload in the lower half alone must not turn into infinity
        return (ushort)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
    }
}
