// The table of operations: the arithmetic of every operator, compiled once an instruction set from cpu/kernels/, one table each.
// An operator (cpu/NAME.cpp) validates and divides the work; its kernel (cpu/kernels/NAME.cpp) computes one share of it.
#pragma once

#include "adamw.hpp"
#include "attention.hpp"
#include "cross_entropy.hpp"
#include "product.hpp"
#include "quantized_product.hpp"
#include "rms_norm.hpp"
#include "rope.hpp"
#include "seal.h"
#include "swiglu.hpp"

namespace seal {

struct Kernels {
    int32_t lanes;                     // f32 values in a vector
    int32_t tile_rows, panel_columns;  // of products

    // y += x over n elements of one type.
    void (*add)(SealDType type, const void* x, void* y, int64_t n);

    // y = x in y's type.
    void (*cast)(SealDType x_type, const void* x, SealDType y_type, void* y, int64_t n);

    // Rows, or elements, first .. last.
    void (*rms_norm)(const RmsNorm& norm, int64_t first, int64_t last);
    void (*rms_norm_backward)(const RmsNormBackward& norm, int64_t first, int64_t last);
    void (*rope)(const Rope& rope, int64_t first, int64_t last);
    void (*swiglu)(const SwiGlu& swiglu, int64_t first, int64_t last);
    void (*swiglu_backward)(const SwiGluBackward& swiglu, int64_t first, int64_t last);
    double (*sum_of_squares)(const float* x, int64_t n);
    void (*adamw)(const AdamW& step, int64_t first, int64_t last, void* narrow);

    // The keys or the values of one kv head of one sequence.
    void (*pack_attention)(const CausalAttention& attention, const AttentionSequence& sequence, int64_t kv_head, bool values);
    // One query block, from row `from` on, of one head.
    void (*causal_attention)(const CausalAttention& attention, const AttentionSequence& sequence, int64_t head, int64_t from, float* scratch);
    // One sequence: its heads, then its kv heads.
    void (*pack_attention_backward)(const CausalAttentionBackward& attention, const AttentionSequence& sequence, int64_t index);
    // One part of one head of one sequence.
    void (*causal_attention_backward)(
        const CausalAttentionBackward& attention, const AttentionSequence& sequence, int64_t head, int64_t part, float* scratch);
    // One sequence, after the parts of all its heads: dq of each head, dk of each kv head, dv of each kv head.
    void (*sum_attention_gradients)(const CausalAttentionBackward& attention, const AttentionSequence& sequence, int64_t index);
    // All query heads of some neighbouring kv heads of one sequence. next: whose keys to fetch on the way, or null.
    void (*decode_attention)(
        const DecodeAttention& attention, const DecodeSequence& sequence, const DecodeSequence* next, int64_t kv_first, int64_t kv_last, float* scratch);

    // Tiles first .. last of a product, of tiles_of(product). scratch holds one panel of a term that is not packed.
    void (*product)(const Product& p, int64_t first, int64_t last, const Ahead& ahead, void* scratch);

    // One panel, or k of its rows: n columns of b, given row-major as [k, n], or transposed as [n, k]. late: what is packed is read long after.
    void (*pack_panel)(SealDType type, bool transposed, bool late, const void* source, int64_t ld, int64_t k, int64_t n, void* panel);

    // Column `column` of a packed b, k values.
    void (*unpack_row)(SealDType type, const void* packed, int64_t columns, int64_t k, int64_t column, void* y);

    // A block of rows, first .. last, and one stripe of the vocabulary; scratch holds CrossEntropy::scratch_bytes.
    void (*cross_entropy)(const CrossEntropy& c, const CrossEntropyPart& part, int64_t first, int64_t last, int64_t stripe, void* scratch);

    // Joins the stripes of such a block, one part each; scratch holds one row of E.
    void (*cross_entropy_rows)(const CrossEntropy& c, const CrossEntropyPart* parts, int64_t first, int64_t last, void* scratch);

    // f32 to bf16, to nearest even.
    void (*narrow_weights)(const float* source, void* y, int64_t n);

    // y[column, row] = x[row, column].
    void (*transpose)(SealDType type, const void* x, int64_t ldx, int64_t rows, int64_t columns, void* y, int64_t ldy);

    // The first of the largest of n numbers; NaN counts as the least.
    int32_t (*greedy)(const float* x, int64_t n);

    // The fastest arithmetic on a type, `times` rounds of it, in FLOPs; and reading n floats, a multiple of 64. Results are of no interest.
    int64_t (*peak_flops)(SealDType type, int64_t times, float* result);
    float (*read_all)(const float* x, int64_t n);

    // Most rows of a tile of packed activations.
    int64_t (*quantized_tile_rows)();
    // The tile of x [., k] that begins with row `first`, a multiple of that many, for quantized_product: packed and sums are the starts of
    // all tiles, 4 bytes an element, rows rounded up to whole tiles.
    void (*pack_activations)(SealDType type, const void* x, int64_t k, int64_t rows, int64_t first, void* packed, float* sums);
    // Strips first .. last of a matrix in blocks; scratch holds 16 floats for each rank of the widest adapter.
    void (*quantized_product)(const QuantizedProduct& p, int64_t first, int64_t last, float* scratch);
};

// The table of an instruction set that this library was compiled with.
const Kernels& kernels_of(SealIsa isa);

}  // namespace seal
