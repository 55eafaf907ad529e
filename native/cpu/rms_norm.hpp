#pragma once

#include "seal.h"

namespace seal {

// y = s·gain·inverse, inverse = 1/√(mean(s²) + epsilon), s = x + delta where there is a delta. inverse_rms may be null.
struct RmsNorm {
    SealDType type;
    int64_t columns;
    float epsilon;
    const void* x;
    const void* delta;
    void* sum;
    const float* gain;
    void* y;
    float* inverse_rms;
    bool streams;  // y, to other threads
};

// dx += inverse·(u - x·inverse²·mean(u·x)), u = dy·gain.
struct RmsNormBackward {
    SealDType type;
    int64_t columns;
    const void* dy;
    const void* x;
    const float* gain;
    const float* inverse_rms;
    void* dx;
};

}  // namespace seal
