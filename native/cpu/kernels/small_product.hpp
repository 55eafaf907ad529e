// c (+)= a·b in f32 for the small matrices of attention, in registers. Every element is one chain of multiply-adds over k in order,
// whatever tile it falls in. FLOPs 2·rows·columns·inner·step; a and b stay in L1 or L2.
//
// A step of k is what one instruction multiplies: one f32, or a pair of bf16 (VDPBF16PS) where the instruction set has it.
#pragma once

#include "simd.hpp"

namespace seal::SEAL_ISA_NAMESPACE {

// Elements of a step: of one row of a, and of one column of b.
template <typename S>
constexpr int64_t step_of = 1;

inline F32 multiply_step(const float* a, F32 b, F32 sum) { return fma(broadcast(*a), b, sum); }
inline F32 load_step(const float* b) { return load(b); }

#if defined(__AVX512BF16__)

template <>
constexpr int64_t step_of<Bf16> = 2;

inline F32 load_step(const Bf16* b) { return {_mm512_castsi512_ps(_mm512_loadu_si512(b))}; }

inline F32 multiply_step(const Bf16* a, F32 b, F32 sum)
{
    int pair;
    __builtin_memcpy(&pair, a, sizeof pair);
    return {_mm512_dpbf16_ps(sum.v, __builtin_bit_cast(__m512bh, _mm512_set1_epi32(pair)), __builtin_bit_cast(__m512bh, b.v))};
}

#endif

// Step k of row r starts at data[r·row_stride + k·k_stride]: a transposed operand needs no copy.
template <typename S>
struct SmallOperand {
    const S* data;
    int64_t row_stride;
    int64_t k_stride;
};

template <typename S>
struct Deduced {
    using Operand = SmallOperand<S>;
};

// Enough independent chains to hide the multiply-add's latency without running out of registers; slices of 16 rows leave no rest
// where registers are many.
constexpr int small_tile_rows = F32::lanes == 8 ? 6 : 4;
constexpr int small_tile_registers = F32::lanes == 16 ? 4 : 2;

template <int Rows, int Registers, typename S>
inline void small_tile(SmallOperand<S> a, const S* b, int64_t b_stride, float* c, int64_t c_stride, int64_t inner, bool accumulate)
{
    F32 sums[Rows][Registers];
#pragma GCC unroll 8
    for (int i = 0; i < Rows; i++)
#pragma GCC unroll 8
        for (int j = 0; j < Registers; j++)
            sums[i][j] = accumulate ? load(c + i * c_stride + j * F32::lanes) : zero();
    for (int64_t k = 0; k < inner; k++) {
        F32 row[Registers];
#pragma GCC unroll 8
        for (int j = 0; j < Registers; j++)
            row[j] = load_step(b + k * b_stride + j * F32::lanes * step_of<S>);
#pragma GCC unroll 8
        for (int i = 0; i < Rows; i++)
#pragma GCC unroll 8
            for (int j = 0; j < Registers; j++)
                sums[i][j] = multiply_step(a.data + i * a.row_stride + k * a.k_stride, row[j], sums[i][j]);
    }
#pragma GCC unroll 8
    for (int i = 0; i < Rows; i++)
#pragma GCC unroll 8
        for (int j = 0; j < Registers; j++)
            store(c + i * c_stride + j * F32::lanes, sums[i][j]);
}

template <int Registers, int Rows = small_tile_rows, typename S>
inline void small_rows(
    SmallOperand<S> a, const S* b, int64_t b_stride, float* c, int64_t c_stride, int64_t rows, int64_t inner, bool accumulate)
{
    for (; rows >= Rows; rows -= Rows) {
        small_tile<Rows, Registers>(a, b, b_stride, c, c_stride, inner, accumulate);
        a.data += Rows * a.row_stride;
        c += Rows * c_stride;
    }
    if constexpr (Rows > 1)
        if (rows > 0)
            small_rows<Registers, Rows - 1>(a, b, b_stride, c, c_stride, rows, inner, accumulate);
}

// columns is a multiple of F32::lanes, inner counts steps, b_stride is a step of b in elements.
template <int Registers = small_tile_registers, typename S>
inline void small_product(
    typename Deduced<S>::Operand a, const S* b, int64_t b_stride, float* c, int64_t c_stride, int64_t rows, int64_t columns, int64_t inner,
    bool accumulate)
{
    constexpr int64_t width = Registers * F32::lanes;
    for (; columns >= width; columns -= width) {
        small_rows<Registers>(a, b, b_stride, c, c_stride, rows, inner, accumulate);
        b += width * step_of<S>;
        c += width;
    }
    if constexpr (Registers > 1)
        if (columns > 0)
            small_product<Registers - 1>(a, b, b_stride, c, c_stride, rows, columns, inner, accumulate);
}

}  // namespace seal::SEAL_ISA_NAMESPACE
