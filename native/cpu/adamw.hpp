#pragma once

#include "seal.h"

namespace seal {

// One adapter's step on elements of the arena: g = clip·gradient; m and v their moving averages;
// p = keep·p - rate·m / (√v·inverse_root_bias2 + epsilon), keep = 1 - lr·decay, rate = lr / (1 - β1ᵗ).
struct AdamW {
    float clip;
    float beta1, one_minus_beta1;
    float beta2, one_minus_beta2;
    float keep;
    float rate;
    float inverse_root_bias2;
    float epsilon;
    float* parameters;
    float* gradients;
    float* first;
    float* second;
};

struct FactorBlock;

// Elements from .. to of the arena under steps[step], and the part of a factor that they are; null: nothing is to be packed.
struct AdamWBlock {
    int32_t step;
    int64_t from, to;
    const FactorBlock* factors;
};

}  // namespace seal
