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

// The four bits from `shift` on of 16 words: what stands above them in the index is ignored.
inline F32 nibbles(const uint8_t* p, int shift)
{
    const __m512 values = _mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, -8, -7, -6, -5, -4, -3, -2, -1);
    return {_mm512_permutexvar_ps(_mm512_srli_epi32(_mm512_loadu_si512(p), static_cast<unsigned>(shift)), values)};
}

// The byte from `shift` on of 16 words.
inline F32 bytes(const uint8_t* p, int shift)
{
    return {_mm512_cvtepi32_ps(_mm512_srai_epi32(_mm512_slli_epi32(_mm512_loadu_si512(p), static_cast<unsigned>(24 - shift)), 24))};
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

inline F32 bytes(const uint8_t* p, int shift)
{
    const __m256i words = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
    return {_mm256_cvtepi32_ps(_mm256_srai_epi32(_mm256_slli_epi32(words, 24 - shift), 24))};
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

inline F32 bytes(const uint8_t* p, int shift)
{
    F32 x;
    for (int i = 0; i < F32::lanes; i++)
        x.v[i] = static_cast<float>(static_cast<int8_t>(p[4 * i + shift / 8]));
    return x;
}

#endif

// Weights of input `input` of the block for the strip's vector v; constant inputs leave no branch.
template <SealBlockType B>
[[gnu::always_inline]] inline F32 weights_of(const uint8_t* weights, int input, int v)
{
    if constexpr (B == SEAL_Q8_0)
        return bytes(weights + input / 4 * 4 * strip_rows + v * 4 * F32::lanes, input % 4 * 8);
    else
        return nibbles(weights + input / 8 * 4 * strip_rows + v * 4 * F32::lanes, input % 4 * 8 + input / 4 % 2 * 4);
}

#if defined(__AVX512VNNI__)

// What a weight has to be lessened by to be q or q - 8: dot products of bytes take the weights unsigned.
template <SealBlockType B>
constexpr int weight_offset = B == SEAL_Q8_0 ? 128 : 8;

// Inputs 0 .. 3 and 4 .. 7 of group `group`, 16 outputs, each raised by weight_offset.
template <SealBlockType B>
[[gnu::always_inline]] inline void weight_bytes(const uint8_t* weights, int group, __m512i& low, __m512i& high)
{
    if constexpr (B == SEAL_Q8_0) {
        const __m512i offset = _mm512_set1_epi8(static_cast<char>(128));
        low = _mm512_xor_si512(_mm512_loadu_si512(weights + group * 8 * strip_rows), offset);
        high = _mm512_xor_si512(_mm512_loadu_si512(weights + group * 8 * strip_rows + 64), offset);
    } else {
        constexpr int and_then_xor = (0xf0 & 0xcc) ^ 0xaa;
        const __m512i words = _mm512_loadu_si512(weights + group * 4 * strip_rows);
        const __m512i half = _mm512_set1_epi8(15), offset = _mm512_set1_epi8(8);
        low = _mm512_ternarylogic_epi32(words, half, offset, and_then_xor);
        high = _mm512_ternarylogic_epi32(_mm512_srli_epi32(words, 4), half, offset, and_then_xor);
    }
}

#endif

}  // namespace seal::SEAL_ISA_NAMESPACE
