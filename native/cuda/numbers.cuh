// Functions that kernels need and CUDA has only approximately or in a library; sums over a warp in one fixed order.
#pragma once

#include "platform.cuh"

namespace seal::cuda {

// x · 2^n for whole n of -126 .. 127.
__device__ __forceinline__ float scaled(float x, int32_t n)
{
    return x * __builtin_bit_cast(float, static_cast<uint32_t>(n + 127) << 23);
}

// e^x to a few units in the last place; 0 below -104, infinity above 89, NaN for NaN. x = n·ln 2 + r with |r| <= ln 2 / 2, ln 2 in two
// parts so that n·ln 2 is exact; the polynomial of least relative error there (Remez) leaves 2e-9. 2^n in two factors: it alone may be no normal number.
__device__ __forceinline__ float exponential(float x)
{
    x = x < -104.0f ? -104.0f : x > 89.0f ? 89.0f : x;
    const float shift = 12582912.0f;  // 1.5·2^23: adding it leaves no bits of a fraction
    const float n = (x * 1.44269504f + shift) - shift;
    float r = multiply_add(n, -0.693359375f, x);
    r = multiply_add(n, 2.12194440e-4f, r);
    float p = 0.00138368646f;
    p = multiply_add(p, r, 0.00837481575f);
    p = multiply_add(p, r, 0.0416682252f);
    p = multiply_add(p, r, 0.166664202f);
    p = multiply_add(p, r, 0.499999921f);
    p = multiply_add(p, r, 1.0f);
    p = multiply_add(p, r, 1.0f);
    if (x != x)
        return x;
    const int32_t whole = static_cast<int32_t>(n), half = whole / 2;
    return scaled(scaled(p, half), whole - half);
}

// ln x of normal positive x to a few units: x = 2^e·m with m of √½ .. √2, ln m = 2·atanh(f), f = (m - 1) / (m + 1), whose series after
// f^11 leaves 3e-11.
__device__ __forceinline__ float logarithm(float x)
{
    const uint32_t bits = __builtin_bit_cast(uint32_t, x), over_root = bits - 0x3f3504f3u;
    const int32_t e = static_cast<int32_t>(over_root) >> 23;
    const float m = __builtin_bit_cast(float, bits - (static_cast<uint32_t>(e) << 23));
    const float f = (m - 1.0f) / (m + 1.0f), f2 = f * f;
    float p = 1.0f / 11;
    p = multiply_add(p, f2, 1.0f / 9);
    p = multiply_add(p, f2, 1.0f / 7);
    p = multiply_add(p, f2, 1.0f / 5);
    p = multiply_add(p, f2, 1.0f / 3);
    const float small = multiply_add(2.0f * f * f2, p, 2.0f * f), n = static_cast<float>(e);
    return multiply_add(n, 0.693359375f, multiply_add(n, -2.12194440e-4f, small));
}

// The sum over all lanes, or over each so many of them, in every lane: pairs, then pairs of pairs.
template <int Lanes = 32>
__device__ __forceinline__ float sum_of_lanes(float x)
{
#pragma unroll
    for (int32_t i = Lanes / 2; i > 0; i /= 2)
        x += __shfl_xor_sync(all_lanes, x, i);
    return x;
}

template <int Lanes = 32>
__device__ __forceinline__ float largest_of_lanes(float x)
{
#pragma unroll
    for (int32_t i = Lanes / 2; i > 0; i /= 2) {
        const float other = __shfl_xor_sync(all_lanes, x, i);
        x = other > x ? other : x;
    }
    return x;
}

// Elements i .. i + 3 as f32, zero from n on; in one access where the caller knows that all are aligned to it.
template <typename T>
__device__ __forceinline__ Four<float> load_four(Global<const T> x, int64_t i, int64_t n, bool aligned)
{
    Four<float> values;
    if (aligned && i + 4 <= n) {
        const Four<T> stored = x.get4(i);
#pragma unroll
        for (int32_t j = 0; j < 4; j++)
            values.at[j] = widen(stored.at[j]);
    } else {
#pragma unroll
        for (int32_t j = 0; j < 4; j++)
            values.at[j] = i + j < n ? widen(x.get(i + j)) : 0.0f;
    }
    return values;
}

template <typename T>
__device__ __forceinline__ void store_four(Global<T> y, int64_t i, int64_t n, bool aligned, Four<float> values)
{
    if (aligned && i + 4 <= n) {
        Four<T> stored;
#pragma unroll
        for (int32_t j = 0; j < 4; j++)
            stored.at[j] = narrow<T>(values.at[j]);
        y.put4(i, stored);
    } else {
#pragma unroll
        for (int32_t j = 0; j < 4; j++)
            if (i + j < n)
                y.put(i + j, narrow<T>(values.at[j]));
    }
}

}  // namespace seal::cuda
