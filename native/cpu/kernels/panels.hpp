// The layout of packed operands. Columns stand in panels of NR = tile_vectors · lanes, the last one only as many vectors wide as it
// needs; within a panel k runs upwards, and for each k (bf16: for each pair k, k + 1) the panel's columns lie side by side.
// bf16: [k/2][column][2], an odd k's missing partner 0; f32: [k][column]. Columns behind the last are 0.
#pragma once

#include "simd.hpp"

namespace seal::SEAL_ISA_NAMESPACE {

#if defined(__AVX512F__)
constexpr int tile_rows = 8, tile_vectors = 3;  // 24 of 32 registers accumulate, 3 hold b, 1 a
#elif defined(__AVX2__)
constexpr int tile_rows = 6, tile_vectors = 2;  // 12 of 16
#else
constexpr int tile_rows = 4, tile_vectors = 2;
#endif
constexpr int panel_columns = tile_vectors * F32::lanes;

template <typename T>
constexpr int depth = 1;  // k values that lie together
template <>
inline constexpr int depth<Bf16> = 2;

template <typename T>
inline int64_t padded(int64_t k)
{
    return (k + depth<T> - 1) / depth<T> * depth<T>;
}

inline int vectors_of(int64_t columns, int64_t panel)
{
    const int64_t left = columns - panel * panel_columns;
    return left >= panel_columns ? tile_vectors : static_cast<int>((left + F32::lanes - 1) / F32::lanes);
}

// One panel from b [k, n] row-major: n <= panel_columns columns.
void pack_columns(const float* source, int64_t ld, int64_t k, int64_t n, float* panel);
void pack_columns(const Bf16* source, int64_t ld, int64_t k, int64_t n, Bf16* panel);

}  // namespace seal::SEAL_ISA_NAMESPACE
