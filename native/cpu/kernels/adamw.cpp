// The gradient norm's partial sums, and the step of AdamW (Loshchilov and Hutter, arXiv 1711.05101) over a range of one adapter.
// Bytes an element: 4 for the norm; 16 read and 18 written for the step (16 without the bf16 copy). Both are bound by memory: the
// division and the square root, the processor's own, hide behind it.
#include "adamw.hpp"

#include "kernels/tail.hpp"

namespace seal::SEAL_ISA_NAMESPACE {

double sum_of_squares(const float* x, int64_t n)
{
    // Four chains hide the latency; each is at most a few hundred terms long, so f32 loses nothing that matters.
    F32 sums[4] = {zero(), zero(), zero(), zero()};
    int64_t i = 0;
    for (; i + 4 * F32::lanes <= n; i += 4 * F32::lanes)
        for (int part = 0; part < 4; part++) {
            const F32 v = load(x + i + part * F32::lanes);
            sums[part] = fma(v, v, sums[part]);
        }
    for (int part = 0; part < 4 && i < n; part++, i += F32::lanes) {
        const F32 v = load_part(x + i, n - i);
        sums[part] = fma(v, v, sums[part]);
    }
    return sum((sums[0] + sums[1]) + (sums[2] + sums[3]));
}

void adamw(const AdamW& a, int64_t from, int64_t to, void* narrow)
{
    const F32 clip = broadcast(a.clip), keep = broadcast(a.keep), rate = broadcast(-a.rate), epsilon = broadcast(a.epsilon);
    const F32 beta1 = broadcast(a.beta1), beta2 = broadcast(a.beta2), root = broadcast(a.inverse_root_bias2);
    const F32 new1 = broadcast(a.one_minus_beta1), new2 = broadcast(a.one_minus_beta2);
    for (int64_t i = from; i < to; i += F32::lanes) {
        const int64_t n = to - i;
        const F32 g = load_part(a.gradients + i, n) * clip;
        const F32 first = fma(g, new1, load_part(a.first + i, n) * beta1);
        const F32 second = fma(g * g, new2, load_part(a.second + i, n) * beta2);
        const F32 denominator = fma(square_root(second), root, epsilon);
        const F32 p = fma(first / denominator, rate, load_part(a.parameters + i, n) * keep);
        store_part(a.parameters + i, p, n);
        store_part(a.first + i, first, n);
        store_part(a.second + i, second, n);
        store_part(a.gradients + i, zero(), n);
        if (narrow != nullptr)
            store_part(static_cast<Bf16*>(narrow) + (i - from), p, n);
    }
}

}  // namespace seal::SEAL_ISA_NAMESPACE
