// F32 of 8 lanes. Included by simd.hpp.
#pragma once

#include <immintrin.h>

namespace seal::SEAL_ISA_NAMESPACE {

struct F32 {
    static constexpr int lanes = 8;
    __m256 v;
};

// All ones in the first n lanes.
inline __m256i first(int64_t n)
{
    alignas(32) static constexpr int32_t edge[16] = {-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0};
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(edge + 8 - n));
}

inline F32 zero() { return {_mm256_setzero_ps()}; }
inline F32 broadcast(float x) { return {_mm256_set1_ps(x)}; }
inline F32 widen(__m128i x) { return {_mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(x), 16))}; }

inline F32 load(const float* p) { return {_mm256_loadu_ps(p)}; }
inline F32 load(const float* p, int64_t n) { return {_mm256_maskload_ps(p, first(n))}; }
inline F32 load(const Bf16* p) { return widen(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))); }

inline F32 load(const Bf16* p, int64_t n)
{
    alignas(16) uint16_t lanes[8] = {};
    for (int64_t i = 0; i < n; i++)
        lanes[i] = p[i].bits;
    return widen(_mm_load_si128(reinterpret_cast<const __m128i*>(lanes)));
}

// Pairs (k, k + 1) of consecutive columns, apart.
inline void load_pairs(const Bf16* p, F32& even, F32& odd)
{
    const __m256i pairs = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
    even.v = _mm256_castsi256_ps(_mm256_slli_epi32(pairs, 16));
    odd.v = _mm256_castsi256_ps(_mm256_and_si256(pairs, _mm256_set1_epi32(static_cast<int>(0xffff0000u))));
}

// And together again, of numbers that bf16 holds: even in the low halves.
inline F32 join_pairs(F32 even, F32 odd)
{
    return {_mm256_castsi256_ps(_mm256_or_si256(_mm256_srli_epi32(_mm256_castps_si256(even.v), 16), _mm256_castps_si256(odd.v)))};
}

// To nearest, ties to even; NaN stays NaN.
inline __m128i narrow(F32 x)
{
    const __m256i bits = _mm256_castps_si256(x.v);
    const __m256i odd = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
    const __m256i rounded = _mm256_add_epi32(bits, _mm256_add_epi32(odd, _mm256_set1_epi32(0x7fff)));
    const __m256i nan = _mm256_castps_si256(_mm256_cmp_ps(x.v, x.v, _CMP_UNORD_Q));
    const __m256i kept = _mm256_blendv_epi8(rounded, _mm256_or_si256(bits, _mm256_set1_epi32(0x400000)), nan);
    const __m256i high = _mm256_srli_epi32(kept, 16);
    return _mm_packus_epi32(_mm256_castsi256_si128(high), _mm256_extracti128_si256(high, 1));
}

inline void store(float* p, F32 x) { _mm256_storeu_ps(p, x.v); }
inline void store(float* p, F32 x, int64_t n) { _mm256_maskstore_ps(p, first(n), x.v); }
inline void store(Bf16* p, F32 x) { _mm_storeu_si128(reinterpret_cast<__m128i*>(p), narrow(x)); }

inline void store(Bf16* p, F32 x, int64_t n)
{
    alignas(16) uint16_t lanes[8];
    _mm_store_si128(reinterpret_cast<__m128i*>(lanes), narrow(x));
    for (int64_t i = 0; i < n; i++)
        p[i].bits = lanes[i];
}

inline F32 operator+(F32 a, F32 b) { return {_mm256_add_ps(a.v, b.v)}; }
inline F32 operator-(F32 a, F32 b) { return {_mm256_sub_ps(a.v, b.v)}; }
inline F32 operator*(F32 a, F32 b) { return {_mm256_mul_ps(a.v, b.v)}; }
inline F32 operator/(F32 a, F32 b) { return {_mm256_div_ps(a.v, b.v)}; }
inline F32 fma(F32 a, F32 b, F32 c) { return {_mm256_fmadd_ps(a.v, b.v, c.v)}; }
inline F32 min(F32 a, F32 b) { return {_mm256_min_ps(a.v, b.v)}; }
inline F32 max(F32 a, F32 b) { return {_mm256_max_ps(a.v, b.v)}; }
inline F32 square_root(F32 x) { return {_mm256_sqrt_ps(x.v)}; }
inline F32 round_even(F32 x) { return {_mm256_round_ps(x.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)}; }

// For n of -126 .. 127.
inline F32 exponent_scale(F32 x, F32 n)
{
    const __m256i power = _mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n.v), _mm256_set1_epi32(127)), 23);
    return {_mm256_mul_ps(x.v, _mm256_castsi256_ps(power))};
}

// In two factors: 2^n alone may be no normal number.
inline F32 times_power_of_2(F32 x, F32 n)
{
    const F32 half = round_even(n * broadcast(0.5f));
    return exponent_scale(exponent_scale(x, half), n - half);
}

inline float sum(F32 x)
{
    const __m128 four = _mm_add_ps(_mm256_castps256_ps128(x.v), _mm256_extractf128_ps(x.v, 1));
    const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

inline float largest(F32 x)
{
    const __m128 four = _mm_max_ps(_mm256_castps256_ps128(x.v), _mm256_extractf128_ps(x.v, 1));
    const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
}

}  // namespace seal::SEAL_ISA_NAMESPACE
