#pragma once

#include "seal.h"

namespace seal {

// Blocks are counted from a sequence's first row, so the order of every sum depends on the position inside the sequence alone.
// A query block is as long as a key block: the block on the diagonal is square, and is worked on in slices.
constexpr int64_t query_block = 64;
constexpr int64_t key_block = 64;
constexpr int64_t slice_rows = 16;

// Packed widths, sequences and slices are rounded up to this: a multiple of every instruction set's lanes.
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

// What is packed is laid out as kernels/attention_operands.hpp says, [heads, packed_rows, width] elements of at most 4 bytes each.
struct CausalAttention {
    AttentionShape shape;
    float scale;
    int64_t packed_rows;
    const void* q;
    const void* k;
    const void* v;
    void* key_columns;
    void* value_rows;
    void* y;
    float* log_sum_exp;  // may be null
};

// A head's gradient of q is a sum over key blocks. It is made in two parts, so that two threads can share a head; which key block
// belongs to which part depends on its number alone, and the two have about the same number of queries.
constexpr int64_t gradient_parts = 2;

constexpr int64_t part_of(int64_t key_block_number)
{
    return (key_block_number + 1) / 2 % gradient_parts;
}

struct CausalAttentionBackward {
    AttentionShape shape;
    float scale;
    int64_t packed_rows;
    const void* dy;
    const void* q;
    const void* k;
    const void* v;
    const void* y;
    const float* log_sum_exp;
    void* query_rows;
    void* dy_rows;
    void* key_rows;
    void* key_columns;
    void* value_columns;
    float* shift;     // [heads, packed_rows]: the log-sum-exp in the softmax's units
    float* along;     // [heads, packed_rows]: rowsum(dY ∘ Y)
    float* dq_parts;  // [gradient_parts, heads, packed_rows, width]
    float* dk_heads;  // [heads, packed_rows, width]: summed over a group's heads afterwards, in their order
    float* dv_heads;
    void* dq;
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
    return 2 * query_block * s.width() + 2 * slice_rows * key_block;
}

constexpr int64_t backward_scratch(const AttentionShape& s)
{
    return 2 * query_block * s.width() + 2 * query_block * key_block + 2 * slice_rows * key_block;
}

constexpr int64_t decode_scratch(const AttentionShape& s)
{
    const int64_t heads = s.heads < query_block ? s.heads : query_block;
    return heads * (s.width() + key_block);
}

}  // namespace seal
