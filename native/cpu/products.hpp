// Lists of products, packings and transpositions, dealt to the threads by their cost. Which thread computes what changes no bit of it.
#pragma once

#include "product.hpp"

#include <cstddef>
#include <vector>

struct SealEngine;

namespace seal {

// A row-major matrix on its way into panels: b [k, columns], or given transposed as [columns, k].
struct Packing {
    bool transposed;
    const void* source;
    int64_t ld;
    int32_t k, columns;
    void* packed;
};

// y[column, row] = x[row, column].
struct Transposition {
    const void* x;
    int64_t ldx;
    int32_t rows, columns;
    void* y;
    int64_t ldy;
};

// What one parallel region does; its parts must not need each other's results. Kept by the engine, so that a step that needs no more
// than an earlier one allocates nothing.
struct WorkList {
    // A part of the list: so many units that cost so much each.
    struct Part {
        enum class Kind : int32_t { packing, transposition, product } kind;
        uint32_t index, units;
        int64_t grain, cost;
    };

    std::vector<Product> products;
    std::vector<Packing> packings;
    std::vector<Transposition> transpositions;
    std::vector<Part> parts;
    std::vector<Ahead> starts;  // what each thread begins with

    // What the products refer to; stays until clear.
    std::vector<Term> terms;
    std::vector<Run> runs;
    std::vector<int32_t> run_of_row;
    std::vector<int32_t> wave_of_segment;
    std::vector<const std::byte*> shared_x;

    void clear();
};

int64_t panels_of(const SealEngine& engine, int32_t columns);
int64_t tiles_of(const SealEngine& engine, int32_t rows, int32_t columns);

// Elements from panel to panel, and of all panels: the last one is only as many vectors wide as it needs.
int64_t panel_stride(const SealEngine& engine, SealDType type, int32_t k);
int64_t packed_elements(const SealEngine& engine, SealDType type, int32_t k, int32_t columns);

// A term over packed panels.
Term packed_term(const SealEngine& engine, SealDType type, const void* a, int64_t lda, const void* b, int32_t k);

// Everything in the engine's work list, and leaves the list empty but for what the products referred to.
// scratch: panel_bytes for each thread, one panel of the deepest term that is not packed; null where every term is.
void run_work(SealEngine& engine, SealDType type, std::byte* scratch = nullptr, int64_t panel_bytes = 0);

}  // namespace seal
