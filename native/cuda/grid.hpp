// Sizes of launches, and how they are rounded so that steps of about the same size share a graph.
#pragma once

#include <algorithm>
#include <cstdint>

namespace seal::cuda {

struct Grid {
    int64_t x = 1, y = 1, z = 1;

    int64_t blocks() const { return x * y * z; }
    bool operator==(const Grid&) const = default;
};

constexpr Grid largest_grid{0x7fffffff, 65535, 65535};  // of CUDA, in each direction

// The next of 1, 2, 3, 4, 6, 8, 12, 16, 24 …: half as much again at most.
constexpr int64_t bucket_of(int64_t n)
{
    int64_t bucket = 1;
    while (bucket < n)
        bucket = bucket % 3 == 0 ? bucket / 3 * 4 : bucket == 1 ? 2 : bucket / 2 * 3;
    return bucket;
}

inline Grid bucket_of(Grid grid)
{
    return {std::min(bucket_of(grid.x), largest_grid.x), std::min(bucket_of(grid.y), largest_grid.y), std::min(bucket_of(grid.z), largest_grid.z)};
}

}  // namespace seal::cuda
