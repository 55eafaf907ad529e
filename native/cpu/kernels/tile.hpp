// The micro-kernel: R rows by V vectors of columns, all accumulators in registers for the whole of a term's k.
#pragma once

#include "panels.hpp"
#include "prefetch.hpp"
#include "unroll.hpp"

namespace seal::SEAL_ISA_NAMESPACE {

// Lines that are needed next, to be asked for while there is time for them to come from memory: so many at a step.
template <int Each>
struct Lines {
    const char* at;

    [[gnu::always_inline]] void ask()
    {
        SEAL_UNROLL
        for (int i = 0; i < Each; i++)
            prefetch(at + 64 * i);
        at += 64 * Each;
    }
};

// acc += a·b, and asks for what is ahead.
template <int R, int V, int Each>
[[gnu::always_inline]] inline void accumulate(F32 (&acc)[R][V], const float* a, int64_t lda, const float* b, int32_t k, Lines<Each> ahead)
{
    for (int32_t i = 0; i < k; i++, b += V * F32::lanes) {
        ahead.ask();
        F32 w[V];
        SEAL_UNROLL
        for (int v = 0; v < V; v++)
            w[v] = load(b + v * F32::lanes);
        SEAL_UNROLL
        for (int r = 0; r < R; r++) {
            const F32 x = broadcast(a[r * lda + i]);
            SEAL_UNROLL
            for (int v = 0; v < V; v++)
                acc[r][v] = fma(x, w[v], acc[r][v]);
        }
    }
}

#if defined(__AVX512BF16__)

inline __m512bh pair_bits(uint32_t bits)
{
    return __builtin_bit_cast(__m512bh, _mm512_set1_epi32(static_cast<int>(bits)));
}

template <int R, int V>
[[gnu::always_inline]] inline void accumulate_pair(F32 (&acc)[R][V], const uint32_t (&x)[R], const Bf16* b)
{
    __m512bh w[V];
    SEAL_UNROLL
    for (int v = 0; v < V; v++)
        w[v] = __builtin_bit_cast(__m512bh, _mm512_loadu_si512(b + 2 * v * F32::lanes));
    SEAL_UNROLL
    for (int r = 0; r < R; r++) {
        const __m512bh pair = pair_bits(x[r]);
        SEAL_UNROLL
        for (int v = 0; v < V; v++)
            acc[r][v].v = _mm512_dpbf16_ps(acc[r][v].v, pair, w[v]);
    }
}

#else

// Widened in registers: first the even k, then the odd.
template <int R, int V>
[[gnu::always_inline]] inline void accumulate_pair(F32 (&acc)[R][V], const uint32_t (&x)[R], const Bf16* b)
{
    F32 even[V], odd[V];
    SEAL_UNROLL
    for (int v = 0; v < V; v++)
        load_pairs(b + 2 * v * F32::lanes, even[v], odd[v]);
    SEAL_UNROLL
    for (int r = 0; r < R; r++) {
        const F32 low = broadcast(__builtin_bit_cast(float, x[r] << 16)), high = broadcast(__builtin_bit_cast(float, x[r] & 0xffff0000u));
        SEAL_UNROLL
        for (int v = 0; v < V; v++)
            acc[r][v] = fma(high, odd[v], fma(low, even[v], acc[r][v]));
    }
}

#endif

template <int R, int V, int Each>
[[gnu::always_inline]] inline void accumulate(F32 (&acc)[R][V], const Bf16* a, int64_t lda, const Bf16* b, int32_t k, Lines<Each> ahead)
{
    uint32_t x[R];
    for (int32_t i = 0; i + 1 < k; i += 2, b += 2 * V * F32::lanes) {
        ahead.ask();
        SEAL_UNROLL
        for (int r = 0; r < R; r++)
            __builtin_memcpy(&x[r], a + r * lda + i, 4);
        accumulate_pair<R, V>(acc, x, b);
    }
    if (k % 2 == 0)
        return;
    SEAL_UNROLL
    for (int r = 0; r < R; r++)
        x[r] = a[r * lda + k - 1].bits;
    accumulate_pair<R, V>(acc, x, b);
}

}  // namespace seal::SEAL_ISA_NAMESPACE
