// A frozen matrix in the blocks of its file (layout: quantized_layout.hpp).
#pragma once

#include "quantized_layout.hpp"

#include <cstdint>
#include <memory>

struct SealQuantizedWeight {
    SealBlockType type;
    int32_t rows, columns;
    std::shared_ptr<uint8_t> strips;

    int32_t strip_count() const { return (rows + seal::strip_rows - 1) / seal::strip_rows; }
    int64_t strip_bytes() const { return int64_t{columns / seal::block_length} * seal::strip_rows * seal::block_bytes[type]; }

    // Row `row` in f32; product and sum are rounded apart, as the format's reference does it.
    void unpack(int32_t row, float* values) const;
};
