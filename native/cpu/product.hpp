// The one shape that every matrix product here has: y = (bias + Σ a·b)·scale, with as many terms as the sum needs. A linear with
// an adapter is two terms, x·Wᵀ and z·Bᵀ, and runs on through both while the tile is in registers; dx of a group is two a member.
//
// An element sums its terms in order and within a term k upwards, whatever tile it falls in: so its bits depend on nothing else.
#pragma once

#include "seal.h"

namespace seal {

// a·b with a [rows, k] row-major and b [k, columns] in panels.
struct Term {
    const void* a;
    int64_t lda;           // elements from row to row
    const void* b;
    int64_t panel_stride;  // elements from panel to panel; 0: b is not packed but row-major, and ldb stands
    int64_t ldb;
    int64_t k_start;       // packed b begins at this k of its panels: a multiple of 2
    int32_t k;
};

// Further terms of some rows: those of an adapter.
struct Run {
    const Term* terms;
    int32_t count;
};

enum class Store : int32_t {
    activations,     // y = ..., in the type of the operands
    f32,             // y = ..., in f32
    add,             // y += ..., in f32
    add_transposed,  // yᵀ += ..., in f32: y [columns, rows]
};

struct Product {
    SealDType type;         // of a and b
    int32_t rows, columns;
    const Term* terms;      // of every row
    int32_t term_count;
    const Run* runs;        // row's own terms: runs[run_of_row[row]], -1 for none; run_of_row null: no row has any
    const int32_t* run_of_row;
    const float* bias;      // [columns], or null
    float scale;
    Store store;
    void* y;
    int64_t ldy;
    void* transposed;       // a second, transposed copy in the operands' type, or null
    int64_t ldt;
};

}  // namespace seal
