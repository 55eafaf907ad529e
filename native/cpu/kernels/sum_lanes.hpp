// Sums of many vectors at once: what a vector's own sum takes in shuffles, several share.
#pragma once

#include "simd.hpp"

namespace seal::SEAL_ISA_NAMESPACE {

#if defined(__AVX512F__)

// Lane i of the result is the sum of x[i].
inline F32 sum_each(const F32 (&x)[16])
{
    __m512 pairs[8], fours[4];
    for (int i = 0; i < 8; i++)  // pairs[i]: in each quarter, lanes of x[i'] and of x[i' + 1] in turn
        pairs[i] = _mm512_add_ps(_mm512_unpacklo_ps(x[2 * i].v, x[2 * i + 1].v), _mm512_unpackhi_ps(x[2 * i].v, x[2 * i + 1].v));
    for (int i = 0; i < 4; i++) {
        const __m512d a = _mm512_castps_pd(pairs[2 * i]), b = _mm512_castps_pd(pairs[2 * i + 1]);
        fours[i] = _mm512_add_ps(_mm512_castpd_ps(_mm512_unpacklo_pd(a, b)), _mm512_castpd_ps(_mm512_unpackhi_pd(a, b)));
    }
    // fours[i]: in each quarter, part sums of x[4·i] .. x[4·i + 3].
    const __m512 low = _mm512_add_ps(_mm512_shuffle_f32x4(fours[0], fours[1], 0x88), _mm512_shuffle_f32x4(fours[0], fours[1], 0xdd));
    const __m512 high = _mm512_add_ps(_mm512_shuffle_f32x4(fours[2], fours[3], 0x88), _mm512_shuffle_f32x4(fours[2], fours[3], 0xdd));
    return {_mm512_add_ps(_mm512_shuffle_f32x4(low, high, 0x88), _mm512_shuffle_f32x4(low, high, 0xdd))};
}

#elif defined(__AVX2__)

inline F32 sum_each(const F32 (&x)[8])
{
    const __m256 a = _mm256_hadd_ps(_mm256_hadd_ps(x[0].v, x[1].v), _mm256_hadd_ps(x[2].v, x[3].v));
    const __m256 b = _mm256_hadd_ps(_mm256_hadd_ps(x[4].v, x[5].v), _mm256_hadd_ps(x[6].v, x[7].v));
    return {_mm256_add_ps(_mm256_permute2f128_ps(a, b, 0x20), _mm256_permute2f128_ps(a, b, 0x31))};
}

#else

inline F32 sum_each(const F32 (&x)[F32::lanes])
{
    F32 result;
    for (int i = 0; i < F32::lanes; i++)
        result.v[i] = sum(x[i]);
    return result;
}

#endif

}  // namespace seal::SEAL_ISA_NAMESPACE
