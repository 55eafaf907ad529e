using System.Text;

namespace Seal.Kernels.Native;

/// <summary>What the processor has and the operating system lets programs use.</summary>
/// <param name="Instructions">Names in the field's words, such as <c>avx2</c>; in a fixed order, only those that are there.</param>
/// <param name="Cores">Cores that this process may run on.</param>
/// <param name="L1dBytes">One level-1 data cache; 0 where unknown, as for the two below.</param>
/// <param name="L2Bytes">One level-2 cache.</param>
/// <param name="L3Bytes">One level-3 cache.</param>
/// <param name="Brand">The processor's name for itself; empty where it has none.</param>
public sealed record CpuFeatures(IReadOnlyList<string> Instructions, int Cores, long L1dBytes, long L2Bytes, long L3Bytes, string Brand)
{
    public bool Has(string instruction) => Instructions.Contains(instruction);

    internal static CpuFeatures From(in SealCpuFeatures native)
    {
        (string Name, int Flag)[] flags =
        [
            ("sse4.2", native.Sse42), ("avx2", native.Avx2), ("fma", native.Fma), ("f16c", native.F16c),
            ("avx512f", native.Avx512F), ("avx512bw", native.Avx512Bw), ("avx512dq", native.Avx512Dq), ("avx512vl", native.Avx512Vl),
            ("avx512_bf16", native.Avx512Bf16), ("avx512_vnni", native.Avx512Vnni), ("amx_bf16", native.AmxBf16),
        ];
        ReadOnlySpan<byte> brand = native.Brand;
        int end = brand.IndexOf((byte)0);
        return new CpuFeatures(
            flags.Where(flag => flag.Flag != 0).Select(flag => flag.Name).ToArray(),
            native.Cores, native.L1dBytes, native.L2Bytes, native.L3Bytes,
            Encoding.UTF8.GetString(end < 0 ? brand : brand[..end]));
    }
}
