// Square blocks of 32-bit words turned in registers, lanes x lanes: on the way into panels, and out of a tile that is stored transposed.
#pragma once

#include "simd.hpp"

namespace seal::SEAL_ISA_NAMESPACE {

// Whatever the words mean: only their bits are moved.
inline F32 load_words(const void* p)
{
    F32 x;
    __builtin_memcpy(&x.v, p, sizeof x.v);
    return x;
}

inline void store_words(void* p, F32 x)
{
    __builtin_memcpy(p, &x.v, sizeof x.v);
}

// rows[j] lane i = what was rows[i] lane j.
#if defined(__AVX512F__)

inline void transpose(F32 (&rows)[16])
{
    __m512 t[16], u[16];
#pragma GCC unroll 16
    for (int i = 0; i < 16; i += 2) {
        t[i] = _mm512_unpacklo_ps(rows[i].v, rows[i + 1].v);
        t[i + 1] = _mm512_unpackhi_ps(rows[i].v, rows[i + 1].v);
    }
#pragma GCC unroll 16
    for (int i = 0; i < 16; i += 4)
#pragma GCC unroll 2
        for (int half = 0; half < 2; half++) {
            const __m512d low = _mm512_castps_pd(t[i + half]), high = _mm512_castps_pd(t[i + 2 + half]);
            u[i + 2 * half] = _mm512_castpd_ps(_mm512_unpacklo_pd(low, high));
            u[i + 2 * half + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(low, high));
        }
    // u[4b + c] holds, in 128-bit part q, column 4q + c of rows 4b .. 4b + 3.
#pragma GCC unroll 4
    for (int c = 0; c < 4; c++) {
        const __m512 a = _mm512_shuffle_f32x4(u[c], u[4 + c], 0x88), b = _mm512_shuffle_f32x4(u[c], u[4 + c], 0xdd);
        const __m512 d = _mm512_shuffle_f32x4(u[8 + c], u[12 + c], 0x88), e = _mm512_shuffle_f32x4(u[8 + c], u[12 + c], 0xdd);
        rows[c].v = _mm512_shuffle_f32x4(a, d, 0x88);
        rows[8 + c].v = _mm512_shuffle_f32x4(a, d, 0xdd);
        rows[4 + c].v = _mm512_shuffle_f32x4(b, e, 0x88);
        rows[12 + c].v = _mm512_shuffle_f32x4(b, e, 0xdd);
    }
}

#elif defined(__AVX2__)

inline void transpose(F32 (&rows)[8])
{
    __m256 t[8], u[8];
#pragma GCC unroll 8
    for (int i = 0; i < 8; i += 2) {
        t[i] = _mm256_unpacklo_ps(rows[i].v, rows[i + 1].v);
        t[i + 1] = _mm256_unpackhi_ps(rows[i].v, rows[i + 1].v);
    }
#pragma GCC unroll 8
    for (int i = 0; i < 8; i += 4)
#pragma GCC unroll 2
        for (int half = 0; half < 2; half++) {
            const __m256d low = _mm256_castps_pd(t[i + half]), high = _mm256_castps_pd(t[i + 2 + half]);
            u[i + 2 * half] = _mm256_castpd_ps(_mm256_unpacklo_pd(low, high));
            u[i + 2 * half + 1] = _mm256_castpd_ps(_mm256_unpackhi_pd(low, high));
        }
#pragma GCC unroll 4
    for (int c = 0; c < 4; c++) {
        rows[c].v = _mm256_permute2f128_ps(u[c], u[4 + c], 0x20);
        rows[4 + c].v = _mm256_permute2f128_ps(u[c], u[4 + c], 0x31);
    }
}

#else

inline void transpose(F32 (&rows)[F32::lanes])
{
    float words[F32::lanes][F32::lanes], turned[F32::lanes];
    for (int i = 0; i < F32::lanes; i++)
        store(words[i], rows[i]);
    for (int j = 0; j < F32::lanes; j++) {
        for (int i = 0; i < F32::lanes; i++)
            turned[i] = words[i][j];
        rows[j] = load(turned);
    }
}

#endif

}  // namespace seal::SEAL_ISA_NAMESPACE
