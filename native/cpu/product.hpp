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
    double* squares;        // of each tile, for Store::add and add_transposed: the sum of squares of what y now holds there; or null
    bool streams;           // activations go to memory past the caches
};

// Whether activations of so many bytes, in rows of so many, are better written past the caches: more than half a level-2 cache is not found there when it is read, and a
// line that is written whole need not be read first. It takes whole lines.
constexpr bool better_streamed(int64_t bytes, int64_t row_bytes) { return bytes >= 512 * 1024 && row_bytes % 64 == 0; }

// Rows of tiles that pass over one panel before the next: their a stays in the level-2 cache beside it.
constexpr int64_t block_rows = 512;

// Tiles are numbered block of rows by block of rows, panel by panel, rows downwards.
struct TilePlace {
    int64_t row_tile, panel;
};

constexpr TilePlace place_of_tile(int64_t rows, int64_t columns, int64_t tile, int64_t tile_rows, int64_t panel_columns)
{
    const int64_t row_tiles = (rows + tile_rows - 1) / tile_rows, panels = (columns + panel_columns - 1) / panel_columns, most = block_rows / tile_rows;
    const int64_t block = tile / (most * panels), start = block * most, in_block = row_tiles - start < most ? row_tiles - start : most;
    const int64_t within = tile - start * panels;
    return {start + within % in_block, within / in_block};
}

// What to fetch from memory while some tiles are computed: these lines, or the next panel of every term.
struct Ahead {
    const void* lines;
    int64_t bytes;
    bool next_panel;
};

}  // namespace seal
