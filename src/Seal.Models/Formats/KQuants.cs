using System.Buffers.Binary;

namespace Seal.Models.Formats;

/// <summary>
/// ggml's K-quants to float32: super-blocks of 256 weights, in each 8 or 16 blocks with small integer scales (and minima) under one float16
/// d (and dmin): x = d·scale·q, or x = d·scale·q − dmin·minimum. Quants lie in two halves of 128 weights, two to four to a byte.
/// </summary>
internal static class KQuants
{
    /// <summary>Weights of a super-block.</summary>
    public const int BlockLength = 256;

    // scales[16]: 4 bits of scale, 4 of minimum; quants[64]: 2 bits; d, dmin.
    public static void Q2(ReadOnlySpan<byte> source, Span<float> destination)
    {
        for (; source.Length > 0; source = source[84..], destination = destination[BlockLength..])
        {
            float d = Half(source[80..]), dmin = Half(source[82..]);
            for (int i = 0; i < BlockLength; i++)
            {
                (int half, int plane, int lane) = Place(i);
                byte scale = source[i / 16];
                int q = (source[16 + 32 * half + lane] >> (2 * plane)) & 3;
                destination[i] = d * (scale & 15) * q - dmin * (scale >> 4);
            }
        }
    }

    // high bits[32]; quants[64]: 2 bits; scales[12]: 6 bits, offset 32; d. A high bit that is not set takes 4 away.
    public static void Q3(ReadOnlySpan<byte> source, Span<float> destination)
    {
        for (; source.Length > 0; source = source[110..], destination = destination[BlockLength..])
        {
            ReadOnlySpan<byte> scales = source.Slice(96, 12);
            float d = Half(source[108..]);
            for (int i = 0; i < BlockLength; i++)
            {
                (int half, int plane, int lane) = Place(i);
                int block = i / 16;
                int low = block < 8 ? scales[block] & 15 : scales[block - 8] >> 4;
                int scale = (low | ((scales[8 + block % 4] >> (2 * (block / 4)) & 3) << 4)) - 32;
                int q = (source[32 + 32 * half + lane] >> (2 * plane)) & 3;
                int high = (source[lane] >> (4 * half + plane)) & 1;
                destination[i] = d * scale * (q - (high == 1 ? 0 : 4));
            }
        }
    }

    // d, dmin; scales[12]; quants[128]: 4 bits.
    public static void Q4(ReadOnlySpan<byte> source, Span<float> destination)
    {
        for (; source.Length > 0; source = source[144..], destination = destination[BlockLength..])
        {
            float d = Half(source), dmin = Half(source[2..]);
            for (int i = 0; i < BlockLength; i++)
            {
                (int scale, int minimum) = SixBits(source.Slice(4, 12), i / 32);
                destination[i] = d * scale * Nibble(source[16..], i) - dmin * minimum;
            }
        }
    }

    // d, dmin; scales[12]; fifth bits[32]; quants[128]: 4 bits.
    public static void Q5(ReadOnlySpan<byte> source, Span<float> destination)
    {
        for (; source.Length > 0; source = source[176..], destination = destination[BlockLength..])
        {
            float d = Half(source), dmin = Half(source[2..]);
            for (int i = 0; i < BlockLength; i++)
            {
                (int scale, int minimum) = SixBits(source.Slice(4, 12), i / 32);
                int fifth = (source[16 + i % 32] >> (i / 32)) & 1;
                destination[i] = d * scale * (Nibble(source[48..], i) + 16 * fifth) - dmin * minimum;
            }
        }
    }

    // low bits[128]: 4; high bits[64]: 2; scales[16]: a signed byte; d. Offset 32.
    public static void Q6(ReadOnlySpan<byte> source, Span<float> destination)
    {
        for (; source.Length > 0; source = source[210..], destination = destination[BlockLength..])
        {
            float d = Half(source[208..]);
            for (int i = 0; i < BlockLength; i++)
            {
                (int half, int plane, int lane) = Place(i);
                int low = (source[64 * half + 32 * (plane % 2) + lane] >> (4 * (plane / 2))) & 15;
                int high = (source[128 + 32 * half + lane] >> (2 * plane)) & 3;
                destination[i] = d * (sbyte)source[192 + i / 16] * ((low | (high << 4)) - 32);
            }
        }
    }

    /// <summary>Weight i of 256: its half, which of the half's four planes of 32, and its lane there.</summary>
    private static (int Half, int Plane, int Lane) Place(int i) => (i / 128, i % 128 / 32, i % 32);

    /// <summary>Pairs of 32 weights share 32 bytes: the first in the low nibbles.</summary>
    private static int Nibble(ReadOnlySpan<byte> quants, int i) => (quants[i / 64 * 32 + i % 32] >> (i / 32 % 2 * 4)) & 15;

    /// <summary>Eight scales and eight minima of 6 bits in 12 bytes: the upper four of each in what the others leave free.</summary>
    private static (int Scale, int Minimum) SixBits(ReadOnlySpan<byte> packed, int block) => block < 4
        ? (packed[block] & 63, packed[block + 4] & 63)
        : ((packed[block + 4] & 15) | (packed[block - 4] >> 6 << 4), (packed[block + 4] >> 4) | (packed[block] >> 6 << 4));

    private static float Half(ReadOnlySpan<byte> source) => (float)BinaryPrimitives.ReadHalfLittleEndian(source);
}
