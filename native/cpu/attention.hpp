#pragma once

#include "seal.h"

namespace seal {

// Blocks are counted from a sequence's first row, so the order of every sum depends on the position inside the sequence alone.
constexpr int64_t query_block = 32;
constexpr int64_t key_block = 64;

// Packed widths and block ends are rounded up to this: a multiple of every instruction set's lanes.
constexpr int64_t attention_padding = 16;

constexpr int64_t padded(int64_t n)
{
    return (n + attention_padding - 1) / attention_padding * attention_padding;
}

// Head h reads key/value head h / (heads / kv_heads). Widths of rows are heads·head_dim and kv_heads·head_dim.
struct AttentionShape {
    SealDType type;
    int64_t heads;
    int64_t kv_heads;
    int64_t head_dim;

    constexpr int64_t group() const { return heads / kv_heads; }
    constexpr int64_t width() const { return padded(head_dim); }
};

// A sequence of the pack. packed_row counts rows of earlier sequences, each padded: its place in packed operands.
struct AttentionSequence {
    int64_t start;
    int64_t length;
    int64_t packed_row;
};

// One key or value matrix of all sequences in f32, head after head, [packed_rows, width] each. `rows` is row-major, zero beyond
// head_dim. `columns` holds block after block of key_block rows, each transposed: [width, padded rows of the block].
struct PackedOperand {
    const void* source;
    float* rows;     // may be null
    float* columns;  // may be null
};

struct CausalAttention {
    AttentionShape shape;
    float scale;
    int64_t packed_rows;
    const float* key_columns;
    const float* value_rows;
    const void* q;
    void* y;
    float* log_sum_exp;  // may be null
};

struct CausalAttentionBackward {
    AttentionShape shape;
    float scale;
    int64_t packed_rows;
    const float* key_rows;
    const float* key_columns;
    const float* value_columns;
    const void* dy;
    const void* q;
    const void* y;
    const float* log_sum_exp;
    void* dq;
    float* dk_heads;  // [heads, packed_rows, width]: summed over a group's heads afterwards, in their order
    float* dv_heads;
    void* dk;
    void* dv;
};

struct DecodeAttention {
    AttentionShape shape;
    float scale;
    int64_t page_size;
    const void* keys;
    const void* values;
    const void* q;
    void* y;
};

// A sequence whose newest row attends: `length` cached rows in these pages, the query at row `row` of q and y.
struct DecodeSequence {
    int64_t row;
    int64_t length;
    const int32_t* pages;
};

// f32 elements of scratch that one thread needs.
constexpr int64_t forward_scratch(const AttentionShape& s)
{
    return 2 * query_block * s.width() + query_block * key_block;
}

constexpr int64_t backward_scratch(const AttentionShape& s, int64_t longest)
{
    return 3 * longest * s.width() + padded(longest) + 2 * query_block * key_block;
}

constexpr int64_t decode_scratch(const AttentionShape& s)
{
    return 2 * s.group() * s.width() + s.group() * key_block + key_block * s.width();
}

}  // namespace seal
