#pragma once

#include "seal.h"

namespace seal {

// Log-probabilities of targets under softmax(h·Eᵀ), and the gradient of -Σ weight·log-probability.
struct CrossEntropy {
    static constexpr int chunk = 384;   // columns of the vocabulary at once: whole panels of every instruction set
    static constexpr int block = 256;   // rows that share a chunk of E
    static constexpr int stripes = 8;   // parts of the vocabulary that are swept apart, at most: fixed, so that no sum depends on the threads

    SealDType type;
    int64_t hidden, vocabulary;
    const void* h;
    const void* forward;   // panels of E as b of h·Eᵀ
    const void* backward;  // panels of E as b of p·E
    const int32_t* targets;
    const float* weights;
    float* log_probabilities;
    void* dh;  // or null

    int64_t chunks() const { return (vocabulary + chunk - 1) / chunk; }
    int64_t stripe_count() const { return chunks() < stripes ? chunks() : stripes; }
    int64_t stripe_start(int64_t stripe) const
    {
        const int64_t start = chunks() * stripe / stripe_count() * chunk;
        return start < vocabulary ? start : vocabulary;
    }

    // A block of logits and of exponentials, and one row of E.
    int64_t scratch_bytes() const { return (8 * block * chunk + 4 * hidden + 63) / 64 * 64; }
};

// What one stripe leaves of one row.
struct RowStatistics {
    float maximum, others, target;  // of the logits; Σ e^(l - maximum) without the target's; the target's logit, or -inf
};

// A stripe's results for a block of rows.
struct CrossEntropyPart {
    RowStatistics* rows;  // [block]
    float* dh;            // [block, hidden]: Σ e^(l - maximum)·E without the target's

    static int64_t bytes(int64_t hidden) { return (int64_t{CrossEntropy::block} * (sizeof(RowStatistics) + 4 * hidden) + 63) / 64 * 64; }

    static CrossEntropyPart at(void* memory, int64_t hidden)
    {
        float* dh = static_cast<float*>(memory);
        return {reinterpret_cast<RowStatistics*>(dh + CrossEntropy::block * hidden), dh};
    }
};

}  // namespace seal
