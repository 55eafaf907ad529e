// Products with matrices in blocks: y = bias + x·Wᵀ + z·Bᵀ for few rows, W streamed from memory once whatever their number.
//
// An element sums, block after block, d·Σ(q·x) over the block's 32 inputs upwards, then what the block's minimum adds, m'·Σx; z·Bᵀ
// last, rank upwards. All in f32, so its bits depend on nothing beside its own row.
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
    void* y;                 // [rows, columns]
    const LowRankRows* own;
    int32_t own_count;
};

}  // namespace seal
