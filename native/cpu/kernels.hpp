// The table of operations: the arithmetic of every operator, compiled once an instruction set from cpu/kernels/, one table each.
// An operator (cpu/NAME.cpp) validates and divides the work; its kernel (cpu/kernels/NAME.cpp) computes one share of it.
#pragma once

#include "cross_entropy.hpp"
#include "product.hpp"
#include "seal.h"

namespace seal {

struct Kernels {
    int32_t tile_rows, panel_columns;  // of products

    // y += x over n elements of one type.
    void (*add)(SealDType type, const void* x, void* y, int64_t n);

    // Tiles first .. last of a product, of tiles_of(product). scratch holds one panel of a term that is not packed.
    void (*product)(const Product& p, int64_t first, int64_t last, void* scratch);

    // Panel `index` of b [k, columns], given row-major, or transposed as [columns, k]; packed is the start of all panels.
    void (*pack)(SealDType type, bool transposed, const void* source, int64_t ld, int64_t k, int64_t columns, int64_t index, void* packed);

    // Column `column` of a packed b, k values.
    void (*unpack_row)(SealDType type, const void* packed, int64_t columns, int64_t k, int64_t column, void* y);

    // Rows first .. last; scratch holds CrossEntropy::scratch_bytes.
    void (*cross_entropy)(const CrossEntropy& c, int64_t first, int64_t last, void* scratch);

    // f32 to bf16, to nearest even.
    void (*narrow_weights)(const float* source, void* y, int64_t n);

    // y[column, row] = x[row, column].
    void (*transpose)(SealDType type, const void* x, int64_t ldx, int64_t rows, int64_t columns, void* y, int64_t ldy);
};

// The table of an instruction set that this library was compiled with.
const Kernels& kernels_of(SealIsa isa);

}  // namespace seal
