// Lists of products and of packings, divided among the threads by their cost. Which thread computes a tile changes no bit of it.
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

// Kept by the engine, so that a step that needs no more than an earlier one allocates nothing.
struct WorkList {
    std::vector<Product> products;
    std::vector<Packing> packings;
    std::vector<Term> terms;
    std::vector<Run> runs;
    std::vector<int32_t> run_of_row;
    std::vector<int32_t> wave_of_segment;

    void clear();
};

int64_t panels_of(const SealEngine& engine, int32_t columns);

// Elements from panel to panel, and of all panels.
int64_t panel_stride(const SealEngine& engine, SealDType type, int32_t k);
int64_t packed_elements(const SealEngine& engine, SealDType type, int32_t k, int32_t columns);

// A term over packed panels.
Term packed_term(const SealEngine& engine, SealDType type, const void* a, int64_t lda, const void* b, int32_t k);

void run_packings(SealEngine& engine, SealDType type, const std::vector<Packing>& packings);

// scratch: panel_bytes for each thread, one panel of the deepest term that is not packed; null where every term is.
void run_products(SealEngine& engine, const std::vector<Product>& products, std::byte* scratch = nullptr, int64_t panel_bytes = 0);

}  // namespace seal
