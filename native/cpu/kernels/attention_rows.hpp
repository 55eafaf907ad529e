// What the attention kernels share: rows on their way between storage and f32 blocks, and one block of softmax.
#pragma once

#include "attention.hpp"
#include "kernels/tail.hpp"

namespace seal::SEAL_ISA_NAMESPACE {

// f32 rows of `width` floats from rows of storage, times a factor; zero beyond n.
template <typename T>
inline void unpack_rows(const T* from, int64_t from_stride, float* to, int64_t width, int64_t rows, int64_t n, float factor)
{
    for (int64_t row = 0; row < rows; row++, from += from_stride, to += width)
        for (int64_t i = 0; i < width; i += F32::lanes)
            store(to + i, i < n ? load_part(from + i, n - i) * broadcast(factor) : zero());
}

template <typename T>
inline void pack_rows(const float* from, int64_t width, T* to, int64_t to_stride, int64_t rows, int64_t n, float factor)
{
    for (int64_t row = 0; row < rows; row++, from += width, to += to_stride)
        for (int64_t i = 0; i < n; i += F32::lanes)
            store_part(to + i, load(from + i) * broadcast(factor), n - i);
}

constexpr float infinity = __builtin_inff();

// Scores of keys first, first + 1, ...; those from `valid` on are -inf, whatever stands in their place.
inline F32 masked(const float* scores, int64_t first, int64_t valid)
{
    constexpr int n = F32::lanes;
    static constexpr struct Barrier {
        float values[2 * n] = {};
        constexpr Barrier()
        {
            for (int i = n; i < 2 * n; i++)
                values[i] = -infinity;
        }
    } barrier;
    const int64_t open = valid - first;
    if (open >= n)
        return load(scores);
    return open <= 0 ? broadcast(-infinity) : load(scores, open) + load(barrier.values + n - open);
}

// The running softmax of several rows (Milakov and Gimelshein, arXiv 1805.02867): largest score, sum of e^(score - largest).
struct Softmax {
    float largest[query_block];
    float sum[query_block];

    void clear()
    {
        for (int64_t i = 0; i < query_block; i++) {
            largest[i] = -infinity;
            sum[i] = 0;
        }
    }
};

// Takes a block of scores [rows, key_block] into the running softmax: scores become weights, and the rows mixed so far are scaled
// to the new largest score. Row i sees the block's first first_valid + i·step keys of `columns`.
inline void softmax_block(Softmax& s, float* scores, float* mixed, int64_t width, int64_t rows, int64_t columns, int64_t first_valid, int64_t step)
{
    float before[query_block];
    for (int64_t i = 0; i < query_block; i++)
        before[i] = s.largest[i];
    for (int64_t i = 0; i < rows; i++) {
        F32 top = broadcast(s.largest[i]);
        for (int64_t j = 0; j < columns; j += F32::lanes)
            top = max(masked(scores + i * key_block + j, j, first_valid + i * step), top);
        s.largest[i] = largest(top);
    }
    float rescale[query_block];
    for (int64_t i = 0; i < rows; i += F32::lanes)
        store(rescale + i, exp(load(before + i) - load(s.largest + i)));
    for (int64_t i = 0; i < rows; i++) {
        F32 total{};
        for (int64_t j = 0; j < columns; j += F32::lanes) {
            float* at = scores + i * key_block + j;
            const F32 weights = exp(masked(at, j, first_valid + i * step) - broadcast(s.largest[i]));
            total = total + weights;
            store(at, weights);
        }
        s.sum[i] = s.sum[i] * rescale[i] + sum(total);
        if (rescale[i] != 1)
            for (int64_t j = 0; j < width; j += F32::lanes)
                store(mixed + i * width + j, load(mixed + i * width + j) * broadcast(rescale[i]));
    }
}

}  // namespace seal::SEAL_ISA_NAMESPACE
