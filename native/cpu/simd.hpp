// One vector of f32 per instruction set, so that kernels are written once. Everything stands in the namespace of the set that is
// compiled. Sums over a vector have one fixed order: halves added, lane i with lane i + n/2, until one is left.
#pragma once

#include <cstdint>

namespace seal::SEAL_ISA_NAMESPACE {

struct Bf16 {
    uint16_t bits;
};

inline float widen(Bf16 x)
{
    return __builtin_bit_cast(float, static_cast<uint32_t>(x.bits) << 16);
}

inline float widen(float x)
{
    return x;
}

}  // namespace seal::SEAL_ISA_NAMESPACE

// Each defines F32 with its lanes, zero, broadcast, load and store (whole, and the first n lanes; the others read as 0), + - * /,
// fma (a·b + c, fused where the set has it), min and max (the second operand where one is NaN), square_root, times_power_of_2
// (x · 2^n for whole n of -250 .. 250, rounded once), round_even, sum, and largest.
#if defined(__AVX512F__)
#include "simd_avx512.hpp"
#elif defined(__AVX2__)
#include "simd_avx2.hpp"
#else
#include "simd_portable.hpp"
#endif

namespace seal::SEAL_ISA_NAMESPACE {

// e^x to within 2 units in the last place; 0 below -104, infinity above 89, NaN for NaN.
// x = n·ln 2 + r with |r| <= ln 2 / 2, ln 2 in two parts so that n·ln 2 is exact; the polynomial of least relative error there (Remez) leaves 2e-9.
inline F32 exp(F32 x)
{
    x = min(broadcast(89.0f), max(broadcast(-104.0f), x));
    const F32 n = round_even(x * broadcast(1.44269504f));
    F32 r = fma(n, broadcast(-0.693359375f), x);
    r = fma(n, broadcast(2.12194440e-4f), r);
    F32 p = broadcast(0.00138368646f);
    p = fma(p, r, broadcast(0.00837481575f));
    p = fma(p, r, broadcast(0.0416682252f));
    p = fma(p, r, broadcast(0.166664202f));
    p = fma(p, r, broadcast(0.499999921f));
    p = fma(p, r, broadcast(1.0f));
    p = fma(p, r, broadcast(1.0f));
    return times_power_of_2(p, n);
}

// 2^x for x up to 250 to within 2 units in the last place and what half a unit of x itself makes; 0 below -151, NaN for NaN.
// x = n + r with |r| <= 1/2; the polynomial of least relative error there (Remez) leaves 8e-8, a rounding of f32.
inline F32 exp2(F32 x)
{
    x = max(broadcast(-151.0f), x);
    const F32 n = round_even(x);
    const F32 r = x - n;
    F32 p = broadcast(0.00132764715f);
    p = fma(p, r, broadcast(0.00967554139f));
    p = fma(p, r, broadcast(0.0555071328f));
    p = fma(p, r, broadcast(0.240221197f));
    p = fma(p, r, broadcast(0.693146967f));
    p = fma(p, r, broadcast(1.0f));
    return times_power_of_2(p, n);
}

// ln x of one normal positive number, rounded once (infinity and NaN are themselves): statistics of a row need one each, so it is done in f64.
// x = 2^e·m with m in [1, 2); ln m = 2 artanh((m - 1)/(m + 1)), with m halved above sqrt 2.
inline float log(float x)
{
    if (!(x < __builtin_inff()))
        return x;
    const uint32_t bits = __builtin_bit_cast(uint32_t, x);
    int32_t e = static_cast<int32_t>(bits >> 23) - 127;
    double m = __builtin_bit_cast(float, (bits & 0x7fffffu) | 0x3f800000u);
    if (m > 1.4142135623730951) {
        m *= 0.5;
        e++;
    }
    const double s = (m - 1) / (m + 1), square = s * s;
    double series = 0;
    for (int term = 19; term >= 1; term -= 2)
        series = series * square + 1.0 / term;
    return static_cast<float>(e * 0.6931471805599453 + 2 * s * series);
}

}  // namespace seal::SEAL_ISA_NAMESPACE
