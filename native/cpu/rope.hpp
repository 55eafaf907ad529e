#pragma once

#include "seal.h"

namespace seal {

// Rotates every head of x in place by its row's angles; a row of cos_sin is head_dim/2 cosines, then as many sines.
struct Rope {
    SealDType type;
    int64_t columns;
    int64_t head_dim;
    void* x;
    const int32_t* positions;
    const float* cos_sin;
    bool inverse;
};

}  // namespace seal
