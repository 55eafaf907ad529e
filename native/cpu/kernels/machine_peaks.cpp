#include "kernels.hpp"
#include "simd.hpp"
#include "unroll.hpp"

namespace seal::SEAL_ISA_NAMESPACE {

namespace {

constexpr int chains = 12;  // enough to hide the latency, few enough for registers everywhere

template <typename Step>
[[gnu::always_inline]] inline float in_chains(int64_t times, Step step)
{
    F32 total[chains];
    SEAL_UNROLL
    for (int i = 0; i < chains; i++)
        total[i] = broadcast(static_cast<float>(i));
    for (int64_t t = 0; t < times; t++)
        SEAL_UNROLL
        for (int i = 0; i < chains; i++)
            total[i] = step(total[i]);
    F32 all = zero();
    SEAL_UNROLL
    for (int i = 0; i < chains; i++)
        all = all + total[i];
    return sum(all);
}

}  // namespace

// The best that this instruction set does for a type: FLOPs of `times` rounds. The result only keeps the work from being left out.
int64_t peak_flops(SealDType type, int64_t times, float* result)
{
#if defined(__AVX512BF16__)
    if (type == SEAL_BF16) {
        const auto pairs = __builtin_bit_cast(__m512bh, _mm512_set1_epi32(0x3c003c00));
        *result = in_chains(times, [=](F32 x) { return F32{_mm512_dpbf16_ps(x.v, pairs, pairs)}; });
        return times * chains * F32::lanes * 4;
    }
#endif
    static_cast<void>(type);
    const F32 factor = broadcast(0.999f), addend = broadcast(0.001f);
    *result = in_chains(times, [=](F32 x) { return fma(x, factor, addend); });
    return times * chains * F32::lanes * 2;
}

// Reads n floats, a multiple of 64; the sum only keeps the work from being left out.
float read_all(const float* x, int64_t n)
{
    F32 total[4] = {zero(), zero(), zero(), zero()};
    for (int64_t i = 0; i < n; i += 4 * F32::lanes)
        SEAL_UNROLL
        for (int j = 0; j < 4; j++)
            total[j] = total[j] + load(x + i + j * F32::lanes);
    return sum((total[0] + total[1]) + (total[2] + total[3]));
}

}  // namespace seal::SEAL_ISA_NAMESPACE
