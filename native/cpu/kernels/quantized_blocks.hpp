// The weights of one block of a strip on their way into registers (quantized_layout.hpp). 4 and 8 bits are whole numbers
// that f32 and bf16 hold exactly, so nothing is rounded before the block's scale.
#pragma once

#include "simd.hpp"
#include "quantized_layout.hpp"

namespace seal::SEAL_ISA_NAMESPACE {

constexpr int strip_vectors = strip_rows / F32::lanes;

#if defined(__AVX512F__)

inline F32 halves(const uint8_t* p)
{
    return {_mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)))};
}

// Nibble `shift / 4` of 16 words: what stands above it in the index is ignored.
inline F32 nibbles(const uint8_t* p, int shift)
{
    const __m512 values = _mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, -8, -7, -6, -5, -4, -3, -2, -1);
    return {_mm512_permutexvar_ps(_mm512_srli_epi32(_mm512_loadu_si512(p), static_cast<unsigned>(shift)), values)};
}

// Byte `odd` of 16 pairs of bytes.
inline F32 bytes(const uint8_t* p, int odd)
{
    const __m512i pairs = _mm512_cvtepi16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
    return {_mm512_cvtepi32_ps(_mm512_srai_epi32(odd != 0 ? pairs : _mm512_slli_epi32(pairs, 24), odd != 0 ? 8 : 24))};
}

#elif defined(__AVX2__)

inline F32 halves(const uint8_t* p)
{
    return {_mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)))};
}

inline F32 nibbles(const uint8_t* p, int shift)
{
    const __m256i words = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
    return {_mm256_cvtepi32_ps(_mm256_srai_epi32(_mm256_slli_epi32(words, 28 - shift), 28))};
}

inline F32 bytes(const uint8_t* p, int odd)
{
    const __m256i pairs = _mm256_cvtepi16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
    return {_mm256_cvtepi32_ps(_mm256_srai_epi32(odd != 0 ? pairs : _mm256_slli_epi32(pairs, 24), odd != 0 ? 8 : 24))};
}

#else

inline float widen_half(uint16_t bits)
{
    const uint32_t sign = static_cast<uint32_t>(bits & 0x8000) << 16, rest = static_cast<uint32_t>(bits & 0x7fff) << 13;
    if (rest >= 0x7c00u << 13)
        return __builtin_bit_cast(float, sign | 0x7f800000u | rest);
    return __builtin_bit_cast(float, sign | __builtin_bit_cast(uint32_t, __builtin_bit_cast(float, rest) * 0x1p112f));
}

inline F32 halves(const uint8_t* p)
{
    F32 x;
    for (int i = 0; i < F32::lanes; i++) {
        uint16_t half;
        __builtin_memcpy(&half, p + 2 * i, 2);
        x.v[i] = widen_half(half);
    }
    return x;
}

inline F32 nibbles(const uint8_t* p, int shift)
{
    F32 x;
    for (int i = 0; i < F32::lanes; i++) {
        uint32_t word;
        __builtin_memcpy(&word, p + 4 * i, 4);
        x.v[i] = static_cast<float>(static_cast<int32_t>(word << (28 - shift)) >> 28);
    }
    return x;
}

inline F32 bytes(const uint8_t* p, int odd)
{
    F32 x;
    for (int i = 0; i < F32::lanes; i++)
        x.v[i] = static_cast<float>(static_cast<int8_t>(p[2 * i + odd]));
    return x;
}

#endif

// Weights of input `input` of the block for the strip's vector v; constant inputs leave no branch.
template <SealBlockType B>
[[gnu::always_inline]] inline F32 weights_of(const uint8_t* weights, int input, int v)
{
    if constexpr (B == SEAL_Q8_0)
        return bytes(weights + input / 2 * 2 * strip_rows + v * 2 * F32::lanes, input % 2);
    else
        return nibbles(weights + input / 8 * 4 * strip_rows + v * 4 * F32::lanes, input % 8 / 2 * 4 + input % 2 * 16);
}

#if defined(__AVX512BF16__)

// The same for inputs 2·pair and 2·pair + 1 as bf16 side by side, 16 outputs: what a dot product of pairs wants.
template <SealBlockType B>
[[gnu::always_inline]] inline __m512bh weight_pairs(const uint8_t* weights, int pair)
{
    if constexpr (B == SEAL_Q8_0) {
        const auto* at = reinterpret_cast<const __m128i*>(weights + pair * 2 * strip_rows);
        const __m512 low = _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128(at)));
        const __m512 high = _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128(at + 1)));
        return _mm512_cvtne2ps_pbh(high, low);
    } else {
        // 0 .. 7, -8 .. -1 in bf16, twice: the index has one bit of the next nibble.
        const __m512i eight = _mm512_set_epi16(
            static_cast<short>(0xbf80), static_cast<short>(0xc000), static_cast<short>(0xc040), static_cast<short>(0xc080),
            static_cast<short>(0xc0a0), static_cast<short>(0xc0c0), static_cast<short>(0xc0e0), static_cast<short>(0xc100),
            0x40e0, 0x40c0, 0x40a0, 0x4080, 0x4040, 0x4000, 0x3f80, 0,
            static_cast<short>(0xbf80), static_cast<short>(0xc000), static_cast<short>(0xc040), static_cast<short>(0xc080),
            static_cast<short>(0xc0a0), static_cast<short>(0xc0c0), static_cast<short>(0xc0e0), static_cast<short>(0xc100),
            0x40e0, 0x40c0, 0x40a0, 0x4080, 0x4040, 0x4000, 0x3f80, 0);
        const __m512i words = _mm512_loadu_si512(weights + pair / 4 * 4 * strip_rows);
        return __builtin_bit_cast(__m512bh, _mm512_permutexvar_epi16(_mm512_srli_epi16(words, static_cast<unsigned>(pair % 4 * 4)), eight));
    }
}

#endif

}  // namespace seal::SEAL_ISA_NAMESPACE
