#pragma once

#include "seal.h"

namespace seal {

// y = gate·σ(gate)·up.
struct SwiGlu {
    SealDType type;
    const void* gate;
    const void* up;
    void* y;
};

// dgate = dy·up·silu'(gate), dup = dy·silu(gate).
struct SwiGluBackward {
    SealDType type;
    const void* dy;
    const void* gate;
    const void* up;
    void* dgate;
    void* dup;
};

}  // namespace seal
