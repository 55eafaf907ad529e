// A tile [M, N] of sums in the registers of a block, and what is added to it from two tiles in shared memory.
#pragma once

#include "planted.cuh"
#include "platform.cuh"

namespace seal::cuda {

// How a tile of an operand lies in memory: its elements (i, k) along k, at i·pitch + k, or across it, at k·pitch + i. First a, then b:
// x·Wᵀ is of form nt, dy·W of form nn, dyᵀ·z of form tn.
enum class Form : int32_t { nt, nn, tn };

// Elements added to a row of a tile so that rows start in different banks and on 16 bytes.
template <typename T>
constexpr int32_t row_padding = 16 / sizeof(T);

template <typename T, int32_t M, int32_t N>
class Accumulator;

// f32: every thread has rows ty + 8i and columns tx + 16j and adds with plain multiply-adds, k rising.
template <int32_t M, int32_t N>
class Accumulator<float, M, N> {
public:
    static_assert(M % 8 == 0 && N % 16 == 0);

    __device__ __forceinline__ void clear()
    {
        each([](int32_t, int32_t, float& v) { v = 0.0f; });
    }

    // visit(row, column, sum) of this thread's part.
    template <typename Visit>
    __device__ __forceinline__ void each(Visit visit)
    {
#pragma unroll
        for (int32_t i = 0; i < M / 8; i++)
#pragma unroll
            for (int32_t j = 0; j < N / 16; j++)
                visit(row(i), column(j), sums_[i][j]);
    }

    // += a·b over `depth` values of k, a multiple of 4.
    template <Form F>
    __device__ __forceinline__ void add(Shared<float> a, int32_t pitch_a, Shared<float> b, int32_t pitch_b, int32_t depth)
    {
#pragma unroll 4
        for (int32_t k = 0; k < depth; k += 4) {
            Four<float> x[M / 8], w[N / 16];
#pragma unroll
            for (int32_t i = 0; i < M / 8; i++)
                x[i] = four<F != Form::tn>(a, pitch_a, row(i), k);
#pragma unroll
            for (int32_t j = 0; j < N / 16; j++)
                w[j] = four<F == Form::nt>(b, pitch_b, column(j), k);
#pragma unroll
            for (int32_t q = 0; q < 4; q++)
#pragma unroll
                for (int32_t i = 0; i < M / 8; i++)
#pragma unroll
                    for (int32_t j = 0; j < N / 16; j++)
                        sums_[i][j] = multiply_add(x[i].at[q], w[j].at[q], sums_[i][j]);
        }
    }

private:
    __device__ __forceinline__ static int32_t row(int32_t i) { return thread_number() / 16 + 8 * i; }
    __device__ __forceinline__ static int32_t column(int32_t j) { return thread_number() % 16 + 16 * j; }

    template <bool Along>
    __device__ __forceinline__ static Four<float> four(Shared<float> tile, int32_t pitch, int32_t i, int32_t k)
    {
        if constexpr (Along) {
            return tile.get4(i * pitch + k);
        } else {
            Four<float> values;
#pragma unroll
            for (int32_t q = 0; q < 4; q++)
                values.at[q] = tile.get((k + q) * pitch + i);
            return values;
        }
    }

    float sums_[M / 8][N / 16];
};

// bf16: warps stand two by two (one by four where M is 16), each with tiles of 16 x 8 of mma.sync; sums in f32.
template <int32_t M, int32_t N>
class Accumulator<Bf16, M, N> {
public:
    static_assert(M % 16 == 0 && N % 16 == 0);
    static constexpr int32_t warps_down = M >= 32 ? 2 : 1;
    static constexpr int32_t most_across = block_warps / warps_down;
    static constexpr int32_t warps_across = N / 16 < most_across ? N / 16 : most_across;
    static constexpr int32_t tiles_down = M / warps_down / 16;
    static constexpr int32_t tiles_across = N / warps_across / 8;

    __device__ __forceinline__ void clear()
    {
        each([](int32_t, int32_t, float& v) { v = 0.0f; });
    }

    template <typename Visit>
    __device__ __forceinline__ void each(Visit visit)
    {
        if (!takes_part())
            return;
        const int32_t g = lane_number() / 4, t = lane_number() % 4;
#pragma unroll
        for (int32_t i = 0; i < tiles_down; i++)
#pragma unroll
            for (int32_t j = 0; j < tiles_across; j++)
#pragma unroll
                for (int32_t q = 0; q < 4; q++)
                    visit(first_row() + 16 * i + g + 8 * (q / 2), first_column() + 8 * j + 2 * t + q % 2, sums_[i][j][q]);
    }

    // += a·b over `depth` values of k, a multiple of 16.
    template <Form F>
    __device__ __forceinline__ void add(Shared<Bf16> a, int32_t pitch_a, Shared<Bf16> b, int32_t pitch_b, int32_t depth)
    {
        if (!takes_part())
            return;
        for (int32_t k = 0; k < depth; k += 16) {
            uint32_t x[tiles_down][4];
#pragma unroll
            for (int32_t i = 0; i < tiles_down; i++)
                load_a<F>(x[i], a, pitch_a, first_row() + 16 * i, k);
#pragma unroll
            for (int32_t j = 0; j < tiles_across; j += 2) {
                uint32_t w[4];
                load_b<F>(w, b, pitch_b, first_column() + 8 * j, k);
                const uint32_t left[2] = {w[0], w[1]}, right[2] = {w[2], w[3]};
#pragma unroll
                for (int32_t i = 0; i < tiles_down; i++) {
                    multiply_matrices(sums_[i][j], x[i], left);
                    multiply_matrices(sums_[i][j + 1], x[i], right);
                }
            }
        }
    }

private:
    __device__ __forceinline__ static bool takes_part() { return warp_number() < warps_down * warps_across; }
    __device__ __forceinline__ static int32_t first_row() { return warp_number() / warps_across * (M / warps_down); }
    __device__ __forceinline__ static int32_t first_column() { return warp_number() % warps_across * (N / warps_across); }

    // Lane l names row l % 8 of the matrix l / 8: rows 0-7 and 8-15, then the same of k + 8.
    template <Form F>
    __device__ __forceinline__ static void load_a(uint32_t (&r)[4], Shared<Bf16> tile, int32_t pitch, int32_t i, int32_t k)
    {
        const int32_t in = lane_number() % 8, low = lane_number() / 8 % 2 * 8, high = lane_number() / 16 * 8;
        if constexpr (F == Form::tn)
            load_matrices_transposed(r, tile, (k + in + high) * pitch + i + low);
        else
            load_matrices(r, tile, (i + in + low) * pitch + k + high);
    }

    // Columns j .. j + 7 at k and k + 8, then columns j + 8 ..
    template <Form F>
    __device__ __forceinline__ static void load_b(uint32_t (&r)[4], Shared<Bf16> tile, int32_t pitch, int32_t j, int32_t k)
    {
        const int32_t in = planted(Mistake::fragment_lane) ? lane_number() % 8 ^ 1 : lane_number() % 8;
        const int32_t low = lane_number() / 8 % 2 * 8, high = lane_number() / 16 * 8;
        if constexpr (F == Form::nt)
            load_matrices(r, tile, (j + in + high) * pitch + k + low);
        else
            load_matrices_transposed(r, tile, (k + in + low) * pitch + j + high);
    }

    float sums_[tiles_down][tiles_across][4];
};

}  // namespace seal::cuda
