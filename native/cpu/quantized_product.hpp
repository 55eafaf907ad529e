// Products with matrices in blocks: y = bias + x·Wᵀ + z·Bᵀ for few rows, W streamed from memory once whatever their number.
//
// An element sums, block after block, d·Σ(q·x) over the block's 32 inputs upwards, then what the block's minimum adds, m'·Σx; z·Bᵀ
// last, rank upwards. All in f32, so its bits depend on nothing beside its own row.
//
// Where the processor multiplies bytes (AVX-512 VNNI beside BF16), bf16 activations are rounded to 8 bits, eight neighbours under one
// scale: c = max|x| / 127, x ≈ c·p, and Σ(q·x) = Σ c·Σ(q·p), the inner sums exact. That is twice as fast as pairs of bf16, of which
// a batch of 16 would wait for the arithmetic and not for memory. On 30 passages of SQuAD and SmolLM2-135M's Q4_1 weights it moves the next token's distribution by
// 1.3e-3 nats (Kullback-Leibler), where bf16 itself moves it by 0.9e-3; one scale for 32 inputs moved it by 4.1e-3, for 16 by 2.4e-3.
//
// Bytes: the weights' own, 18 (Q4_0), 20 (Q4_1) or 34 (Q8_0) for 32 of them. FLOPs: 2 a weight and row, and 2 or 4 a block.
#pragma once

#include "quantized_layout.hpp"

namespace seal {

// Rows start .. start + count add z·Bᵀ of their adapter: z [rows, rank] in rows of ldz elements, Bᵀ [rank, columns] in panels.
struct LowRankRows {
    int32_t start, count, rank;
    const void* z;
    int64_t ldz;
    const void* b;
    int64_t panel_stride;
};

struct QuantizedProduct {
    SealBlockType blocks;
    const uint8_t* strips;
    int64_t strip_bytes;
    SealDType type, y_type;  // of x, z and b; of y
    int32_t rows, columns, k;
    const void* x;           // packed by pack_activations
    const float* sums;
    const float* bias;       // [columns], or null
    void* y;                 // [rows, ldy], from column first_column on
    int64_t ldy, first_column;
    const LowRankRows* own;
    int32_t own_count;
    const uint8_t* beyond;  // strips that the thread goes on with, or null where nobody knows
    int64_t beyond_strip_bytes;
};

}  // namespace seal
