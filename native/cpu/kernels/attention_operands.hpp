// The layouts that attention multiplies from. An operand keeps its storage type where the instruction set multiplies it (pairs of
// bf16), and is widened to f32 elsewhere: Stored<T>. `step` is small_product.hpp's: 1 for f32, 2 for a pair.
//
//   lines    [rows, width]                       row-major, zero beyond head_dim: the left operand, k along a row
//   rows     [rows/step, width, step]            k along the rows: steps of rows, each element beside the next row's
//   columns  [width/step, padded rows, step]     k along the width: a block of rows, transposed; one block after another
//
// Rows that pad a sequence to attention_padding are zero: they add nothing, but NaN times 0 would.
#pragma once

#include "kernels/prefetch.hpp"
#include "attention.hpp"
#include "kernels/small_product.hpp"
#include "kernels/tail.hpp"
#include "kernels/transpose.hpp"

namespace seal::SEAL_ISA_NAMESPACE {

template <typename T>
struct StoredAs {
    using Type = float;
};

#if defined(__AVX512BF16__)
template <>
struct StoredAs<Bf16> {
    using Type = Bf16;
};
#endif

template <typename T>
using Stored = typename StoredAs<T>::Type;

// Asks for a head's rows before they are needed: in a training step they come from memory or the last-level cache, and 128 bytes
// here and there teach the hardware's own prefetcher little.
template <typename T>
[[gnu::always_inline]] inline void fetch_rows(const T* from, int64_t stride, int64_t rows, int64_t n)
{
    for (int64_t row = 0; row < rows; row++, from += stride)
        for (int64_t i = 0; i < n; i += 64 / static_cast<int64_t>(sizeof(T)))
            prefetch(from + i);
}

template <typename T>
inline void as_lines(const T* from, int64_t stride, float* to, int64_t width, int64_t rows, int64_t n, float factor)
{
    for (int64_t row = 0; row < rows; row++, from += stride, to += width)
        for (int64_t i = 0; i < width; i += F32::lanes)
            store(to + i, i < n ? load_part(from + i, n - i) * broadcast(factor) : zero());
}

template <typename T>
inline void as_rows(const T* from, int64_t stride, float* to, int64_t width, int64_t rows, int64_t n)
{
    as_lines(from, stride, to, width, rows, n, 1);
    for (int64_t i = rows * width; i < padded(rows) * width; i += F32::lanes)
        store(to + i, zero());
}

// A square of lanes x lanes at a time. `width` counts steps here, and so does the place in a row.
template <typename Load>
inline void transpose_block(float* to, int64_t width, int64_t rows, Load load_row)
{
    const int64_t columns = padded(rows);
    for (int64_t i = 0; i < width; i += F32::lanes)
        for (int64_t row = 0; row < columns; row += F32::lanes) {
            F32 square[F32::lanes];
            for (int64_t j = 0; j < F32::lanes; j++)
                square[j] = row + j < rows ? load_row(row + j, i) : zero();
            transpose(square);
            for (int64_t j = 0; j < F32::lanes && i + j < width; j++)
                store(to + (i + j) * columns + row, square[j]);
        }
}

template <typename T>
inline void as_columns(const T* from, int64_t stride, float* to, int64_t width, int64_t rows, int64_t n)
{
    transpose_block(to, width, rows, [&](int64_t row, int64_t i) { return i < n ? load_part(from + row * stride + i, n - i) : zero(); });
}

#if defined(__AVX512BF16__)

// The bits of up to 32 elements.
inline __m512i load_bits(const Bf16* p, int64_t left)
{
    return left >= 32 ? _mm512_loadu_si512(p) : _mm512_maskz_loadu_epi16(left <= 0 ? 0 : (1u << left) - 1, p);
}

// The factor is 1: scores are scaled in f32.
inline void as_lines(const Bf16* from, int64_t stride, Bf16* to, int64_t width, int64_t rows, int64_t n, float)
{
    for (int64_t row = 0; row < rows; row++, from += stride, to += width)
        for (int64_t i = 0; i < width; i += 16)
            _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + i), _mm512_castsi512_si256(load_bits(from + i, n - i < 16 ? n - i : 16)));
}

inline __m512i pairs_of(__m256i even, __m256i odd)
{
    return _mm512_or_si512(_mm512_cvtepu16_epi32(even), _mm512_slli_epi32(_mm512_cvtepu16_epi32(odd), 16));
}

inline void as_rows(const Bf16* from, int64_t stride, Bf16* to, int64_t width, int64_t rows, int64_t n)
{
    for (int64_t row = 0; row < padded(rows); row += 2, from += 2 * stride, to += 2 * width)
        for (int64_t i = 0; i < width; i += 16) {
            const int64_t left = n - i < 16 ? n - i : 16;
            const __m512i even = load_bits(from + i, row < rows ? left : 0), odd = load_bits(from + stride + i, row + 1 < rows ? left : 0);
            _mm512_storeu_si512(to + 2 * i, pairs_of(_mm512_castsi512_si256(even), _mm512_castsi512_si256(odd)));
        }
}

inline void as_columns(const Bf16* from, int64_t stride, Bf16* to, int64_t width, int64_t rows, int64_t n)
{
    transpose_block(reinterpret_cast<float*>(to), width / 2, rows, [&](int64_t row, int64_t i) {
        return F32{_mm512_castsi512_ps(load_bits(from + row * stride + 2 * i, n - 2 * i))};
    });
}

#endif

}  // namespace seal::SEAL_ISA_NAMESPACE
