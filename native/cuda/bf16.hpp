// bf16 as 16 bits that widen to f32, on a device and on the host.
#pragma once

#include <cstdint>

#if defined(__CUDACC__) || defined(__CUDA__)
#define SEAL_BOTH __host__ __device__
#else
#define SEAL_BOTH
#endif

namespace seal::cuda {

struct Bf16 {
    uint16_t bits;
};

SEAL_BOTH inline float widen(float x) { return x; }
SEAL_BOTH inline float widen(Bf16 x) { return __builtin_bit_cast(float, static_cast<uint32_t>(x.bits) << 16); }

// To nearest, ties to even; NaN stays NaN.
SEAL_BOTH inline Bf16 round_to_bf16(float x)
{
    const uint32_t bits = __builtin_bit_cast(uint32_t, x);
    if (x != x)
        return {static_cast<uint16_t>((bits | 0x400000u) >> 16)};
    return {static_cast<uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1)) >> 16)};
}

template <typename T>
SEAL_BOTH T narrow(float x)
{
    if constexpr (sizeof(T) == 2)
        return round_to_bf16(x);
    else
        return x;
}

}  // namespace seal::cuda
