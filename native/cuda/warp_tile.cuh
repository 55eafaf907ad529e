// A tile [M, N] of sums in the registers of a warp, and what is added to it from two tiles in shared memory.
#pragma once

#include "planted.cuh"
#include "platform.cuh"

namespace seal::cuda {

// How a tile of an operand lies in memory: its elements (i, k) along k or across it. First a, then b: x·Wᵀ is of form nt, dy·W of form nn, dyᵀ·z of form tn.
enum class Form : int32_t { nt, nn, tn };

// Elements of 16 bytes, which is what is copied at once, and what a matrix of ldmatrix has in a row.
template <typename T>
constexpr int32_t line_unit = 16 / sizeof(T);

// Where element (i, k) of a tile is whose lines are so many elements apart. Lines start in different banks where the pitch is an odd number of units.
struct Padded {
    int32_t pitch;

    __device__ __forceinline__ int32_t along(int32_t i, int32_t k) const { return i * pitch + k; }
    __device__ __forceinline__ int32_t across(int32_t i, int32_t k) const { return k * pitch + i; }
};

template <typename T, int32_t M, int32_t N>
class WarpTile;

// f32: lane l has rows l / 8 + 4i and columns l % 8 + 8j, and adds with plain multiply-adds, k rising.
template <int32_t M, int32_t N>
class WarpTile<float, M, N> {
public:
    static_assert(M % 4 == 0 && N % 8 == 0);
    static constexpr int32_t lane_rows = M / 4, lane_columns = N / 8;
    static constexpr int32_t row_lanes = 8;  // neighbours that have the same rows

    __device__ __forceinline__ static int32_t row(int32_t i) { return lane_number() / 8 + 4 * i; }
    __device__ __forceinline__ static int32_t column(int32_t j) { return lane_number() % 8 + 8 * j; }
    __device__ __forceinline__ float& at(int32_t i, int32_t j) { return sums_[i][j]; }

    // += a·b for rows row0 .. row0 + M of a and columns column0 .. column0 + N of b over k = 0 .. Depth.
    template <Form F, int32_t Depth, typename A, typename B>
    __device__ __forceinline__ void add(Shared<float> a, A in_a, int32_t row0, Shared<float> b, B in_b, int32_t column0)
    {
#pragma unroll 2
        for (int32_t k = 0; k < Depth; k += 4) {
            Four<float> x[lane_rows], w[lane_columns];
#pragma unroll
            for (int32_t i = 0; i < lane_rows; i++)
                x[i] = four<F != Form::tn>(a, in_a, row0 + row(i), k);
#pragma unroll
            for (int32_t j = 0; j < lane_columns; j++)
                w[j] = four<F == Form::nt>(b, in_b, column0 + column(j), k);
#pragma unroll
            for (int32_t q = 0; q < 4; q++)
#pragma unroll
                for (int32_t i = 0; i < lane_rows; i++)
#pragma unroll
                    for (int32_t j = 0; j < lane_columns; j++)
                        sums_[i][j] = multiply_add(x[i].at[q], w[j].at[q], sums_[i][j]);
        }
    }

private:
    template <bool Along, typename Layout>
    __device__ __forceinline__ static Four<float> four(Shared<float> tile, Layout layout, int32_t i, int32_t k)
    {
        if constexpr (Along) {
            return tile.get4(layout.along(i, k));
        } else {
            Four<float> values;
#pragma unroll
            for (int32_t q = 0; q < 4; q++)
                values.at[q] = tile.get(layout.across(i, k + q));
            return values;
        }
    }

    float sums_[lane_rows][lane_columns];
};

// bf16: tiles of 16 x 8 of mma.sync; sums in f32.
template <int32_t M, int32_t N>
class WarpTile<Bf16, M, N> {
public:
    static_assert(M % 16 == 0 && N % 16 == 0);
    static constexpr int32_t lane_rows = M / 8, lane_columns = N / 4;
    static constexpr int32_t row_lanes = 4;

    __device__ __forceinline__ static int32_t row(int32_t i) { return lane_number() / 4 + 8 * i; }
    __device__ __forceinline__ static int32_t column(int32_t j) { return 2 * (lane_number() % 4) + j % 2 + 8 * (j / 2); }
    __device__ __forceinline__ float& at(int32_t i, int32_t j) { return sums_[i / 2][j / 2][i % 2 * 2 + j % 2]; }

    // The next fragments are on their way to registers while these are multiplied: a warp that is alone on its scheduler has nothing else to do meanwhile.
    template <Form F, int32_t Depth, typename A, typename B>
    __device__ __forceinline__ void add(Shared<Bf16> a, A in_a, int32_t row0, Shared<Bf16> b, B in_b, int32_t column0)
    {
        static_assert(Depth % 16 == 0);
        Fragments fragments[2];
        fragments[0].template load<F>(a, in_a, row0, b, in_b, column0, 0);
#pragma unroll
        for (int32_t k = 0; k < Depth; k += 16) {
            if (k + 16 < Depth)
                fragments[(k / 16 + 1) % 2].template load<F>(a, in_a, row0, b, in_b, column0, k + 16);
            const Fragments& now = fragments[k / 16 % 2];
#pragma unroll
            for (int32_t j = 0; j < N / 8; j++) {
                const uint32_t w[2] = {now.b[j / 2][j % 2 * 2], now.b[j / 2][j % 2 * 2 + 1]};
#pragma unroll
                for (int32_t i = 0; i < M / 16; i++)
                    multiply_matrices(sums_[i][j], now.a[i], w);
            }
        }
    }

private:
    struct Fragments {
        uint32_t a[M / 16][4], b[N / 16][4];

        // k is a multiple of 16. Lane l names row l % 8 of the matrix l / 8. Of a: rows 0-7 and 8-15, then the same of k + 8; of b: columns j .. j + 7 at k and k + 8,
        // then columns j + 8 ..
        template <Form F, typename A, typename B>
        __device__ __forceinline__ void load(Shared<Bf16> from_a, A in_a, int32_t row0, Shared<Bf16> from_b, B in_b, int32_t column0, int32_t k)
        {
            const int32_t in = lane_number() % 8, even = lane_number() / 8 % 2 * 8, odd = lane_number() / 16 * 8;
            const int32_t in_of_b = planted(Mistake::fragment_lane) ? in ^ 1 : in;
#pragma unroll
            for (int32_t i = 0; i < M / 16; i++)
                if constexpr (F == Form::tn)
                    load_matrices_transposed(a[i], from_a, in_a.across(row0 + 16 * i + even, k + in + odd));
                else
                    load_matrices(a[i], from_a, in_a.along(row0 + 16 * i + in + even, k + odd));
#pragma unroll
            for (int32_t j = 0; j < N / 16; j++)
                if constexpr (F == Form::nt)
                    load_matrices(b[j], from_b, in_b.along(column0 + 16 * j + in_of_b + odd, k + even));
                else
                    load_matrices_transposed(b[j], from_b, in_b.across(column0 + 16 * j + odd, k + in_of_b + even));
        }
    };

    float sums_[M / 16][N / 8][4];
};

// visit(row, column, sum) of this lane's part.
template <typename T, int32_t M, int32_t N, typename Visit>
__device__ __forceinline__ void for_each_sum(WarpTile<T, M, N>& tile, Visit visit)
{
#pragma unroll
    for (int32_t i = 0; i < WarpTile<T, M, N>::lane_rows; i++)
#pragma unroll
        for (int32_t j = 0; j < WarpTile<T, M, N>::lane_columns; j++)
            visit(tile.row(i), tile.column(j), tile.at(i, j));
}

template <typename T, int32_t M, int32_t N>
__device__ __forceinline__ void clear(WarpTile<T, M, N>& tile)
{
    for_each_sum(tile, [](int32_t, int32_t, float& sum) { sum = 0.0f; });
}

}  // namespace seal::cuda
