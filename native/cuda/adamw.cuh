#pragma once

#include "platform.cuh"

namespace seal::cuda {

// One adapter's step on elements first .. first + count of the arena: g = clip·gradient; m and v their moving averages;
// p = keep·p - rate·m / (√v·inverse_root_bias2 + epsilon), keep = 1 - lr·decay, rate = lr / (1 - β1ᵗ).
struct AdamWStep {
    int64_t first, count;
    int64_t first_block;
    double clip_norm;  // 0: none
    float beta1, one_minus_beta1, beta2, one_minus_beta2;
    float keep, rate, inverse_root_bias2, epsilon;
    int32_t slot;
};

// Counted from an adapter's first parameter, so that its norm is the same bits wherever it lies.
constexpr int64_t adamw_block = 4096;

}  // namespace seal::cuda
