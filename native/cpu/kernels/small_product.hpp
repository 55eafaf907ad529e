// c (+)= a·b in f32 for the small matrices of attention, in registers. Every element is one chain of multiply-adds over k in order,
// whatever tile it falls in.
#pragma once

#include "simd.hpp"

namespace seal::SEAL_ISA_NAMESPACE {

// Element (row, k) stands at data[row·row_stride + k·k_stride]: a transposed operand needs no copy.
struct SmallOperand {
    const float* data;
    int64_t row_stride;
    int64_t k_stride;
};

// Enough independent chains to hide the multiply-add's latency without running out of registers.
constexpr int small_tile_rows = F32::lanes == 4 ? 4 : 6;
constexpr int small_tile_registers = F32::lanes == 16 ? 4 : 2;

template <int Rows, int Registers>
inline void small_tile(SmallOperand a, const float* b, int64_t b_stride, float* c, int64_t c_stride, int64_t inner, bool accumulate)
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
            row[j] = load(b + k * b_stride + j * F32::lanes);
#pragma GCC unroll 8
        for (int i = 0; i < Rows; i++) {
            const F32 factor = broadcast(a.data[i * a.row_stride + k * a.k_stride]);
#pragma GCC unroll 8
            for (int j = 0; j < Registers; j++)
                sums[i][j] = fma(factor, row[j], sums[i][j]);
        }
    }
#pragma GCC unroll 8
    for (int i = 0; i < Rows; i++)
#pragma GCC unroll 8
        for (int j = 0; j < Registers; j++)
            store(c + i * c_stride + j * F32::lanes, sums[i][j]);
}

template <int Registers, int Rows = small_tile_rows>
inline void small_rows(
    SmallOperand a, const float* b, int64_t b_stride, float* c, int64_t c_stride, int64_t rows, int64_t inner, bool accumulate)
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

// columns is a multiple of F32::lanes.
template <int Registers = small_tile_registers>
inline void small_product(
    SmallOperand a, const float* b, int64_t b_stride, float* c, int64_t c_stride, int64_t rows, int64_t columns, int64_t inner, bool accumulate)
{
    constexpr int64_t width = Registers * F32::lanes;
    for (; columns >= width; columns -= width) {
        small_rows<Registers>(a, b, b_stride, c, c_stride, rows, inner, accumulate);
        b += width;
        c += width;
    }
    if constexpr (Registers > 1)
        if (columns > 0)
            small_product<Registers - 1>(a, b, b_stride, c, c_stride, rows, columns, inner, accumulate);
}

}  // namespace seal::SEAL_ISA_NAMESPACE
