// Tiles of rows that a pass over a strip takes together: how activations are packed and products run.
#pragma once

#include "simd.hpp"

namespace seal::SEAL_ISA_NAMESPACE {

// A tile has one of these heights; rows that are missing are zeros.
#if defined(__AVX512F__)
constexpr int heights[] = {1, 2, 3, 4, 6, 8, 12, 16};
#elif defined(__AVX2__)
constexpr int heights[] = {1, 2, 4, 6};
#else
constexpr int heights[] = {1, 2, 4};
#endif
constexpr int height_count = sizeof(heights) / sizeof(heights[0]), tallest = heights[height_count - 1];
static_assert(tallest <= F32::lanes);

inline int height_index(int64_t rows)
{
    int i = 0;
    while (i + 1 < height_count && heights[i] < rows)
        i++;
    return i;
}

// How a packed tile of bf16 looks where the processor multiplies bytes: for every 8 inputs words of 32 bits
//   [2][height] four of p, 8 bits each, inputs upwards
//   [height]    c, f32
//   [height]    -8·Σp over the 8 inputs, an integer
// Elsewhere, and in f32, it is f32 [k][height].
#if defined(__AVX512VNNI__)
using Bytes = uint32_t;
constexpr int group_length = 8, group_words = 4;
#endif

}  // namespace seal::SEAL_ISA_NAMESPACE
