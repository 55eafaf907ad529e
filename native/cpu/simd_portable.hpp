// F32 of 4 lanes from the compiler's own vectors: SSE2, NEON, or plain loops. Without a fused multiply-add fma rounds twice.
// Included by simd.hpp.
#pragma once

namespace seal::SEAL_ISA_NAMESPACE {

struct F32 {
    static constexpr int lanes = 4;
    typedef float Vector __attribute__((vector_size(16)));
    typedef int32_t Integers __attribute__((vector_size(16)));
    Vector v;
};

inline F32 zero() { return {F32::Vector{0, 0, 0, 0}}; }
inline F32 broadcast(float x) { return {F32::Vector{x, x, x, x}}; }

inline F32 load(const float* p) { return {F32::Vector{p[0], p[1], p[2], p[3]}}; }
inline F32 load(const Bf16* p) { return {F32::Vector{widen(p[0]), widen(p[1]), widen(p[2]), widen(p[3])}}; }

template <typename T>
F32 load(const T* p, int64_t n)
{
    F32 x = zero();
    for (int64_t i = 0; i < n; i++)
        x.v[i] = widen(p[i]);
    return x;
}

// Pairs (k, k + 1) of consecutive columns, apart.
inline void load_pairs(const Bf16* p, F32& even, F32& odd)
{
    even.v = F32::Vector{widen(p[0]), widen(p[2]), widen(p[4]), widen(p[6])};
    odd.v = F32::Vector{widen(p[1]), widen(p[3]), widen(p[5]), widen(p[7])};
}

// And together again, of numbers that bf16 holds: even in the low halves.
inline F32 join_pairs(F32 even, F32 odd)
{
    F32 pairs;
    for (int i = 0; i < F32::lanes; i++)
        pairs.v[i] = __builtin_bit_cast(float, __builtin_bit_cast(uint32_t, static_cast<float>(even.v[i])) >> 16 | __builtin_bit_cast(uint32_t, static_cast<float>(odd.v[i])));
    return pairs;
}

// To nearest, ties to even; NaN stays NaN.
inline uint16_t narrow(float x)
{
    const uint32_t bits = __builtin_bit_cast(uint32_t, x);
    if (x != x)
        return static_cast<uint16_t>((bits | 0x400000u) >> 16);
    return static_cast<uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1)) >> 16);
}

inline void put(float* p, float x) { *p = x; }
inline void put(Bf16* p, float x) { p->bits = narrow(x); }

template <typename T>
void store(T* p, F32 x, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        put(p + i, x.v[i]);
}

template <typename T>
void store(T* p, F32 x)
{
    for (int i = 0; i < F32::lanes; i++)
        put(p + i, x.v[i]);
}

inline F32 operator+(F32 a, F32 b) { return {a.v + b.v}; }
inline F32 operator-(F32 a, F32 b) { return {a.v - b.v}; }
inline F32 operator*(F32 a, F32 b) { return {a.v * b.v}; }
inline F32 operator/(F32 a, F32 b) { return {a.v / b.v}; }
inline F32 fma(F32 a, F32 b, F32 c) { return {a.v * b.v + c.v}; }
inline F32 min(F32 a, F32 b) { return {a.v < b.v ? a.v : b.v}; }
inline F32 max(F32 a, F32 b) { return {a.v > b.v ? a.v : b.v}; }

inline F32 square_root(F32 x)
{
    for (int i = 0; i < F32::lanes; i++)
        x.v[i] = __builtin_sqrtf(x.v[i]);
    return x;
}

// Below 2^22 adding 1.5·2^23 leaves no bits of the fraction; larger numbers are not rounded here.
inline F32 round_even(F32 x)
{
    const F32 shift = broadcast(12582912.0f);
    return (x + shift) - shift;
}

// For n of -126 .. 127.
inline F32 exponent_scale(F32 x, F32 n)
{
    const F32::Integers power = (__builtin_convertvector(n.v, F32::Integers) + 127) << 23;
    return {x.v * __builtin_bit_cast(F32::Vector, power)};
}

// In two factors: 2^n alone may be no normal number.
inline F32 times_power_of_2(F32 x, F32 n)
{
    const F32 half = round_even(n * broadcast(0.5f));
    return exponent_scale(exponent_scale(x, half), n - half);
}

inline float sum(F32 x) { return (x.v[0] + x.v[2]) + (x.v[1] + x.v[3]); }

inline float largest(F32 x)
{
    const float even = x.v[0] > x.v[2] ? x.v[0] : x.v[2], odd = x.v[1] > x.v[3] ? x.v[1] : x.v[3];
    return even > odd ? even : odd;
}

}  // namespace seal::SEAL_ISA_NAMESPACE
