// The softmax of training's attention, a slice of queries against a block of keys at a time.
#pragma once

#include "kernels/attention_operands.hpp"
#include "kernels/attention_rows.hpp"

namespace seal::SEAL_ISA_NAMESPACE {

// Weights are e^(scale·score - shift). Operands in f32: queries carry the scale, and e^x is good to its last bits. Operands in bf16:
// 2^(c·score - shift) with c = scale·log2 e, in one multiply-add; half a unit of an exponent of 100 is 3e-6, far below bf16's rounding.
template <typename S>
struct SoftmaxUnits {
    explicit SoftmaxUnits(float scale) : query_factor(scale) {}

    const float query_factor;

    float shift(float score) const { return score; }
    float shift_of_log_sum_exp(float x) const { return x; }
    float natural(float shift) const { return shift; }
    F32 power(F32 x) const { return exp(x); }
    F32 weights(F32 scores, F32 shift) const { return exp(scores - shift); }
};

template <>
struct SoftmaxUnits<Bf16> {
    explicit SoftmaxUnits(float scale) : c(scale * 1.44269504f) {}

    static constexpr float query_factor = 1;
    const float c;

    float shift(float score) const { return score * c; }
    float shift_of_log_sum_exp(float x) const { return x * 1.44269504f; }
    float natural(float shift) const { return shift * 0.693147181f; }
    F32 power(F32 x) const { return exp2(x); }
    F32 weights(F32 scores, F32 shift) const { return exp2(fma(scores, broadcast(c), zero() - shift)); }
};

// The running softmax of a query block (Milakov and Gimelshein, arXiv 1805.02867): the shift, which follows the largest score, and
// the sum of the weights, a lane of each register apart.
struct RunningSoftmax {
    float shift[query_block];
    float sums[query_block][F32::lanes];
};

// Whole registers of `columns` below `valid`, the register that `valid` cuts, and what is left, which no query of the row sees.
template <typename Whole, typename Cut, typename Rest>
inline void causal_row(int64_t valid, int64_t columns, Whole whole, Cut cut, Rest rest)
{
    int64_t j = 0;
    for (; j + F32::lanes <= valid && j < columns; j += F32::lanes)
        whole(j);
    if (j < valid && j < columns) {
        cut(j);
        j += F32::lanes;
    }
    for (; j < columns; j += F32::lanes)
        rest(j);
}

// Scores [rows, key_block] of queries row .. row + rows become weights, and the rows mixed so far are scaled to the new shift.
// Query i of the slice sees first_valid + i keys of the block; the first block finds nothing to scale.
template <typename S>
inline void softmax_slice(
    const SoftmaxUnits<S>& units, RunningSoftmax& s, int64_t row, const float* scores, S* weights, float* mixed, int64_t width,
    int64_t rows, int64_t columns, int64_t first_valid, bool first_block)
{
    float rescale[slice_rows] = {};
    for (int64_t i = 0; i < rows; i++) {
        const float* of = scores + i * key_block;
        const int64_t valid = first_valid + i;
        F32 top = broadcast(-infinity);
        causal_row(valid, columns,
            [&](int64_t j) { top = max(load(of + j), top); },
            [&](int64_t j) { top = max(masked(of + j, j, valid), top); },
            [](int64_t) {});
        const float shift = units.shift(largest(top)), before = first_block ? -infinity : s.shift[row + i];
        s.shift[row + i] = shift > before ? shift : before;
        rescale[i] = first_block ? 0 : before - s.shift[row + i];
    }
    for (int64_t i = 0; i < slice_rows && !first_block; i += F32::lanes)
        store(rescale + i, units.power(load(rescale + i)));
    for (int64_t i = 0; i < rows; i++) {
        const float* of = scores + i * key_block;
        S* to = weights + i * key_block;
        const int64_t valid = first_valid + i;
        const F32 shift = broadcast(s.shift[row + i]);
        F32 total = zero();
        const auto take = [&](int64_t j, F32 scores) {
            const F32 w = units.weights(scores, shift);
            total = total + w;
            store(to + j, w);
        };
        causal_row(valid, columns,
            [&](int64_t j) { take(j, load(of + j)); },
            [&](int64_t j) { take(j, masked(of + j, j, valid)); },
            [&](int64_t j) { store(to + j, zero()); });
        float* sums = s.sums[row + i];
        store(sums, first_block ? total : fma(load(sums), broadcast(rescale[i]), total));
        if (!first_block && rescale[i] != 1)
            for (int64_t j = 0; j < width; j += F32::lanes)
                store(mixed + (row + i) * width + j, load(mixed + (row + i) * width + j) * broadcast(rescale[i]));
    }
}

}  // namespace seal::SEAL_ISA_NAMESPACE
