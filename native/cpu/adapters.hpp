// The factors of many adapters in the layouts that products read, made anew whenever a master changes: by AdamW while the new values
// are in the cache, so that neither a step nor a decoded token packs anything.
#pragma once

#include "dtype.hpp"
#include "engine.hpp"
#include "isa.hpp"

#include <vector>

namespace seal {

// One linear's A [rank, inputs] and B [outputs, rank], starting at these elements of the parameters. Panels as b of the product they serve.
struct Factors {
    int32_t rank, inputs, outputs;
    int64_t a, b;
    std::byte* forward_a;   // of x·Aᵀ: k = inputs
    std::byte* forward_b;   // of z·Bᵀ: k = rank
    std::byte* backward_b;  // of dy·B: k = outputs; null before the first training step
    std::byte* backward_a;  // of dz·A: k = rank
    double* squares;        // of the tiles of dA, then of dB: as backward passes left the gradients; null before the first training step

    int64_t a_count() const { return int64_t{rank} * inputs; }
    int64_t b_count() const { return int64_t{rank} * outputs; }
};

// Tiles of dA [rank, inputs], and of both gradients.
int64_t tiles_of_a(const SealEngine& engine, const Factors& f);
int64_t tiles_of_both(const SealEngine& engine, const Factors& f);

// Consecutive rows of one factor: what a thread brings up to date at once.
struct FactorBlock {
    int32_t factors;
    bool is_a;
    int32_t first, count;  // rows: of A whole panels of the rank, of B whole panels of the outputs
};

}  // namespace seal

struct SealAdapters {
    SealDType type;
    SealIsa isa;
    int64_t parameters;
    std::vector<seal::Factors> factors;      // in the order of their a
    std::vector<seal::FactorBlock> blocks;   // in the order of factors, A before B
    std::vector<int64_t> first_block;        // of each of the factors, and the end
    int64_t widest_block = 0;                // elements
    seal::Scratch forward, backward;
    std::vector<double> squares;             // sums of squares of the gradients, tile by tile

    // From values of one block in the adapters' type, row-major, into its panels.
    void pack(const SealEngine& engine, const seal::FactorBlock& block, const void* values) const;

    // Whether backward passes note the gradients' squares.
    bool noting() const { return factors.empty() || factors[0].squares != nullptr; }

    // Forgets what was noted of the gradients of factors first .. end: they are zero.
    void clear_squares(const SealEngine& engine, int64_t first, int64_t end) const;

    // First and end of the factors that lie within elements offset .. offset + count.
    std::pair<int64_t, int64_t> within(int64_t offset, int64_t count) const;
};

namespace seal {

const SealAdapters& usable_adapters(const SealEngine& engine, SealDType type, const SealAdapters* adapters);

}  // namespace seal
