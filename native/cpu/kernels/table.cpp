// The table of the instruction set that this file is compiled for; a test finds members that were forgotten.
#include "kernels.hpp"
#include "panels.hpp"

namespace seal::SEAL_ISA_NAMESPACE {

void add(SealDType type, const void* x, void* y, int64_t n);
void product(const Product& p, int64_t first, int64_t last, void* scratch);
void pack(SealDType type, bool transposed, const void* source, int64_t ld, int64_t k, int64_t columns, int64_t index, void* packed);
void unpack_row(SealDType type, const void* packed, int64_t columns, int64_t k, int64_t column, void* y);
void cross_entropy(const CrossEntropy& c, int64_t first, int64_t last, void* scratch);
void narrow_weights(const float* source, void* y, int64_t n);
void transpose(SealDType type, const void* x, int64_t ldx, int64_t rows, int64_t columns, void* y, int64_t ldy);

extern const Kernels table;
const Kernels table = {
    .tile_rows = tile_rows,
    .panel_columns = panel_columns,
    .add = add,
    .product = product,
    .pack = pack,
    .unpack_row = unpack_row,
    .cross_entropy = cross_entropy,
    .narrow_weights = narrow_weights,
    .transpose = transpose,
};

}  // namespace seal::SEAL_ISA_NAMESPACE
