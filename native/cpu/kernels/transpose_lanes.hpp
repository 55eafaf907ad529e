// A square of F32::lanes registers, transposed in place. Only moves: any 32-bit contents survive.
#pragma once

#include "simd.hpp"

namespace seal::SEAL_ISA_NAMESPACE {

#if defined(__AVX512F__)

inline void transpose_lanes(F32 (&x)[16])
{
    __m512d two[16];
    // Pairs of rows, then of pairs: each 128-bit lane l then holds 4 rows of column 4·l + i.
    for (int i = 0; i < 16; i += 2) {
        two[i] = _mm512_castps_pd(_mm512_unpacklo_ps(x[i].v, x[i + 1].v));
        two[i + 1] = _mm512_castps_pd(_mm512_unpackhi_ps(x[i].v, x[i + 1].v));
    }
    __m512 four[16];
    for (int i = 0; i < 16; i += 4) {
        four[i] = _mm512_castpd_ps(_mm512_unpacklo_pd(two[i], two[i + 2]));
        four[i + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(two[i], two[i + 2]));
        four[i + 2] = _mm512_castpd_ps(_mm512_unpacklo_pd(two[i + 1], two[i + 3]));
        four[i + 3] = _mm512_castpd_ps(_mm512_unpackhi_pd(two[i + 1], two[i + 3]));
    }
    // A 4 x 4 transposition of the 128-bit lanes.
    for (int i = 0; i < 4; i++) {
        const __m512 a = _mm512_shuffle_f32x4(four[i], four[i + 4], 0x88), b = _mm512_shuffle_f32x4(four[i], four[i + 4], 0xdd);
        const __m512 c = _mm512_shuffle_f32x4(four[i + 8], four[i + 12], 0x88), d = _mm512_shuffle_f32x4(four[i + 8], four[i + 12], 0xdd);
        x[i].v = _mm512_shuffle_f32x4(a, c, 0x88);
        x[i + 8].v = _mm512_shuffle_f32x4(a, c, 0xdd);
        x[i + 4].v = _mm512_shuffle_f32x4(b, d, 0x88);
        x[i + 12].v = _mm512_shuffle_f32x4(b, d, 0xdd);
    }
}

#elif defined(__AVX2__)

inline void transpose_lanes(F32 (&x)[8])
{
    __m256d two[8];
    for (int i = 0; i < 8; i += 2) {
        two[i] = _mm256_castps_pd(_mm256_unpacklo_ps(x[i].v, x[i + 1].v));
        two[i + 1] = _mm256_castps_pd(_mm256_unpackhi_ps(x[i].v, x[i + 1].v));
    }
    __m256 four[8];
    for (int i = 0; i < 8; i += 4) {
        four[i] = _mm256_castpd_ps(_mm256_unpacklo_pd(two[i], two[i + 2]));
        four[i + 1] = _mm256_castpd_ps(_mm256_unpackhi_pd(two[i], two[i + 2]));
        four[i + 2] = _mm256_castpd_ps(_mm256_unpacklo_pd(two[i + 1], two[i + 3]));
        four[i + 3] = _mm256_castpd_ps(_mm256_unpackhi_pd(two[i + 1], two[i + 3]));
    }
    for (int i = 0; i < 4; i++) {
        x[i].v = _mm256_permute2f128_ps(four[i], four[i + 4], 0x20);
        x[i + 4].v = _mm256_permute2f128_ps(four[i], four[i + 4], 0x31);
    }
}

#else

inline void transpose_lanes(F32 (&x)[F32::lanes])
{
    for (int i = 0; i < F32::lanes; i++)
        for (int j = 0; j < i; j++) {
            const float kept = x[i].v[j];
            x[i].v[j] = x[j].v[i];
            x[j].v[i] = kept;
        }
}

#endif

}  // namespace seal::SEAL_ISA_NAMESPACE
