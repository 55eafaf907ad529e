// A tile [M, N] of sums in the registers of a block, its warps side by side.
#pragma once

#include "warp_tile.cuh"

namespace seal::cuda {

// Elements added to a row of a tile so that rows start in different banks and on 16 bytes.
template <typename T>
constexpr int32_t row_padding = line_unit<T>;

// Warps stand two by two.
template <typename T, int32_t M, int32_t N>
class Accumulator {
public:
    static constexpr int32_t warps_down = 2, warps_across = block_warps / warps_down;

    __device__ __forceinline__ void clear() { seal::cuda::clear(own_); }

    // visit(row, column, sum) of this thread's part.
    template <typename Visit>
    __device__ __forceinline__ void each(Visit visit)
    {
        for_each_sum(own_, [&](int32_t row, int32_t column, float& sum) { visit(first_row() + row, first_column() + column, sum); });
    }

    // += a·b over Depth values of k, of tiles whose lines are so many elements apart.
    template <Form F, int32_t Depth>
    __device__ __forceinline__ void add(Shared<T> a, int32_t pitch_a, Shared<T> b, int32_t pitch_b)
    {
        own_.template add<F, Depth>(a, Padded{pitch_a}, first_row(), b, Padded{pitch_b}, first_column());
    }

private:
    __device__ __forceinline__ static int32_t first_row() { return warp_number() / warps_across * (M / warps_down); }
    __device__ __forceinline__ static int32_t first_column() { return warp_number() % warps_across * (N / warps_across); }

    WarpTile<T, M / warps_down, N / warps_across> own_;
};

}  // namespace seal::cuda
