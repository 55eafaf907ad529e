#pragma once

#include "seal.h"

namespace seal {

// Log-probabilities of targets under softmax(h·Eᵀ), and the gradient of -Σ weight·log-probability.
struct CrossEntropy {
    static constexpr int chunk = 384;  // columns of the vocabulary at once: whole panels of every instruction set
    static constexpr int block = 256;  // rows that share a chunk of E

    SealDType type;
    int64_t hidden, vocabulary;
    const void* h;
    const void* forward;   // panels of E as b of h·Eᵀ
    const void* backward;  // panels of E as b of p·E
    const int32_t* targets;
    const float* weights;
    float* log_probabilities;
    void* dh;  // or null

    // What one thread needs: sums of dh, a block of logits and of exponentials, one row of E.
    static constexpr int64_t scratch_bytes(int64_t hidden)
    {
        return (4 * block * hidden + 4 * block * chunk + 4 * block * chunk + 4 * hidden + 63) / 64 * 64;
    }
};

}  // namespace seal
