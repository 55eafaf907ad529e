#pragma once

#include "seal.h"

namespace seal {

// One adapter's step, from its first parameter on: g = clip·gradient; m and v their moving averages;
// p = keep·p - rate·m / (√v·inverse_root_bias2 + epsilon), keep = 1 - lr·decay, rate = lr / (1 - β1ᵗ). working may be null.
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
    void* working;  // bf16
};

}  // namespace seal
