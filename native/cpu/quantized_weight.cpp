#include "quantized_weight.hpp"

#include "dtype.hpp"
#include "large_memory.hpp"

#include <bit>
#include <cstring>

namespace seal {

namespace {

int32_t known(SealBlockType type)
{
    if (type != SEAL_Q4_0 && type != SEAL_Q4_1 && type != SEAL_Q8_0)
        throw Error(SEAL_BAD_ARGUMENT, "block type is " + std::to_string(type) + ", expected 0 (Q4_0), 1 (Q4_1) or 2 (Q8_0)");
    return type;
}

uint16_t half_at(const uint8_t* at)
{
    uint16_t bits;
    std::memcpy(&bits, at, 2);
    return bits;
}

float widen_half(uint16_t bits)
{
    const uint32_t sign = static_cast<uint32_t>(bits & 0x8000) << 16, rest = static_cast<uint32_t>(bits & 0x7fff) << 13;
    if (rest >= 0x7c00u << 13)
        return std::bit_cast<float>(sign | 0x7f800000u | rest);
    // The exponent's bias differs by 112; the product is exact for numbers below the normal ones too.
    return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(std::bit_cast<float>(rest) * 0x1p112f));
}

// Where a weight lies within its strip's block.
struct Place {
    int32_t byte;   // behind the scales
    int32_t shift;  // of the nibble within that byte
};

constexpr Place place_of(SealBlockType type, int32_t row, int32_t input)
{
    if (type == SEAL_Q8_0)
        return {(input / 4 * strip_rows + row) * 4 + input % 4, 0};
    return {(input / 8 * strip_rows + row) * 4 + input % 4, input / 4 % 2 * 4};
}

// One block of one row, from the file's layout: nibble i is weight i in the low half of byte i, weight i + 16 in its high half.
void pack_block(SealBlockType type, const uint8_t* block, int32_t row, uint8_t* strip)
{
    const int32_t scales = scale_bytes[type];
    for (int32_t i = 0; i < scales; i += 2)
        std::memcpy(strip + (i / 2 * strip_rows + row) * 2, block + i, 2);
    uint8_t* weights = strip + scales * strip_rows;
    block += scales;
    for (int32_t input = 0; input < block_length; input++) {
        const Place at = place_of(type, row, input);
        if (type == SEAL_Q8_0)
            weights[at.byte] = block[input];
        else
            weights[at.byte] = static_cast<uint8_t>(weights[at.byte] | (((block[input % 16] >> input / 16 * 4 & 15) ^ 8) << at.shift));
    }
}

}  // namespace

}  // namespace seal

void SealQuantizedWeight::unpack(int32_t row, float* values) const
{
    const int32_t in_strip = row % seal::strip_rows, scales = seal::scale_bytes[type];
    const uint8_t* block = strips.get() + row / seal::strip_rows * strip_bytes();
    for (int32_t start = 0; start < columns; start += seal::block_length, block += seal::strip_rows * seal::block_bytes[type]) {
        const float d = seal::widen_half(seal::half_at(block + in_strip * 2));
        const float m = type == SEAL_Q4_1 ? seal::widen_half(seal::half_at(block + (seal::strip_rows + in_strip) * 2)) : 0;
        const uint8_t* weights = block + scales * seal::strip_rows;
        for (int32_t input = 0; input < seal::block_length; input++) {
            const seal::Place at = seal::place_of(type, in_strip, input);
            if (type == SEAL_Q8_0)
                values[start + input] = d * static_cast<float>(static_cast<int8_t>(weights[at.byte]));
            else if (type == SEAL_Q4_0)
                values[start + input] = d * static_cast<float>(((weights[at.byte] >> at.shift & 15) ^ 8) - 8);
            else
                values[start + input] = d * static_cast<float>((weights[at.byte] >> at.shift & 15) ^ 8) + m;
        }
    }
}

SealStatus seal_quantized_weight_create(
    SealBlockType type, const void* blocks, int64_t bytes, int32_t rows, int32_t columns, SealQuantizedWeight** weight) noexcept
{
    return seal::guarded([&] {
        SealQuantizedWeight*& result = seal::required(weight, "weight");
        result = nullptr;
        seal::known(type);
        seal::required_memory(blocks, "blocks");
        seal::at_least(1, rows, "rows");
        if (seal::at_least(1, columns, "columns") % seal::block_length != 0)
            throw seal::Error(SEAL_BAD_ARGUMENT, "columns is " + std::to_string(columns) + ", expected whole blocks of 32");
        const int64_t row_bytes = int64_t{columns / seal::block_length} * seal::block_bytes[type];
        seal::element_count(int64_t{rows} * columns, "rows * columns");
        if (bytes != rows * row_bytes)
            throw seal::Error(SEAL_BAD_ARGUMENT, "bytes is " + std::to_string(bytes) + ", expected " + std::to_string(rows * row_bytes) + " for " +
                std::to_string(rows) + " x " + std::to_string(columns));
        auto made = std::make_unique<SealQuantizedWeight>(SealQuantizedWeight{type, rows, columns, nullptr});
        made->strips = seal::piece_of_large_memory(made->strip_count() * made->strip_bytes());
        std::memset(made->strips.get(), 0, static_cast<size_t>(made->strip_count() * made->strip_bytes()));
        const auto* source = static_cast<const uint8_t*>(blocks);
        for (int32_t row = 0; row < rows; row++)
            for (int32_t block = 0; block < columns / seal::block_length; block++)
                seal::pack_block(type, source + row * row_bytes + int64_t{block} * seal::block_bytes[type], row % seal::strip_rows,
                    made->strips.get() + row / seal::strip_rows * made->strip_bytes() + int64_t{block} * seal::strip_rows * seal::block_bytes[type]);
        result = made.release();
    });
}

void seal_quantized_weight_destroy(SealQuantizedWeight* weight) noexcept
{
    delete weight;
}

SealStatus seal_quantized_weight_unpack(const SealQuantizedWeight* weight, float* values) noexcept
{
    return seal::guarded([&] {
        const SealQuantizedWeight& w = seal::required(weight, "weight");
        seal::required_memory(values, "values");
        for (int32_t row = 0; row < w.rows; row++)
            w.unpack(row, values + int64_t{row} * w.columns);
    });
}
