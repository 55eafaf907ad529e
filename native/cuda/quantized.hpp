// Frozen matrices that stay in a file's blocks of 32 weights.
#pragma once

#include "engine.hpp"
#include "numbers.cuh"

struct SealQuantizedWeight {
    SealBlockType type;
    int32_t rows, columns;
    seal::cuda::DeviceMemory memory;

    seal::cuda::Global<const uint8_t> blocks() const { return seal::cuda::in<uint8_t>(memory.data(), memory.bytes()); }
};

namespace seal::cuda {

constexpr int32_t block_length = 32;

// Q4_0: d, 16 bytes of nibbles; Q4_1: d, m, 16 bytes; Q8_0: d, 32 bytes.
SEAL_BOTH constexpr int32_t block_bytes(SealBlockType type)
{
    return type == SEAL_Q4_0 ? 18 : type == SEAL_Q4_1 ? 20 : 34;
}

// The f16 at a byte, as f32: the exponents' biases differ by 112, and the product is exact below the normal numbers too.
__device__ __forceinline__ float half_at(Global<const uint8_t> bytes, int64_t i)
{
    const uint32_t bits = bytes.get(i) | static_cast<uint32_t>(bytes.get(i + 1)) << 8;
    const uint32_t sign = (bits & 0x8000) << 16, rest = (bits & 0x7fff) << 13;
    if (rest >= 0x7c00u << 13)
        return __builtin_bit_cast(float, sign | 0x7f800000u | rest);
    return __builtin_bit_cast(float, sign | __builtin_bit_cast(uint32_t, __builtin_bit_cast(float, rest) * 0x1p112f));
}

// Weight i of the block that begins at a byte: d·(q - 8), d·q + m, d·q. Nibble i is weight i in the low half of byte i, weight i + 16 in its high half.
__device__ __forceinline__ float weight_of_block(SealBlockType type, Global<const uint8_t> blocks, int64_t at, int32_t i)
{
    const float d = half_at(blocks, at);
    if (type == SEAL_Q8_0)
        return d * static_cast<float>(static_cast<int8_t>(blocks.get(at + 2 + i)));
    const int64_t nibbles = at + (type == SEAL_Q4_1 ? 4 : 2);
    const int32_t q = blocks.get(nibbles + i % 16) >> i / 16 * 4 & 15;
    return type == SEAL_Q4_0 ? d * static_cast<float>(q - 8) : d * static_cast<float>(q) + half_at(blocks, at + 2);
}

}  // namespace seal::cuda
