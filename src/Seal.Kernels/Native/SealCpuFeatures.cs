using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Seal.Kernels.Native;

/// <summary>The struct of the same name in <c>seal.h</c>, field by field.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SealCpuFeatures
{
    internal int Sse42, Avx2, Fma, F16c;
    internal int Avx512F, Avx512Bw, Avx512Dq, Avx512Vl;
    internal int Avx512Bf16, Avx512Vnni, AmxBf16;
    internal int Cores;
    internal long L1dBytes, L2Bytes, L3Bytes;
    internal BrandText Brand;

    [InlineArray(64)]
    internal struct BrandText
    {
        private byte first;
    }
}
