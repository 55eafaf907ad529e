// Normalisation of rows, with the residual sum before it, and its gradient. A row stays in L1 between its passes.
// Bytes a row: columns of the type read twice (x, delta) and written twice (sum, y), without a delta once each; backward dy, x and dx
// read, dx written. FLOPs are few: bound by memory.
#include "rms_norm.hpp"

#include "kernels/streaming.hpp"

namespace seal::SEAL_ISA_NAMESPACE {

namespace {

// Four chains: a row's sum does not wait for each multiply-add. Whole registers first, then what is left, one register a chain.
template <typename Term>
F32 sum_of_terms(int64_t n, Term term)
{
    F32 sums[4] = {zero(), zero(), zero(), zero()};
    int64_t i = 0;
    for (; i + 4 * F32::lanes <= n; i += 4 * F32::lanes)
        for (int chain = 0; chain < 4; chain++)
            sums[chain] = term(i + chain * F32::lanes, F32::lanes, sums[chain]);
    for (int chain = 0; i < n; i += F32::lanes, chain++)
        sums[chain] = term(i, n - i, sums[chain]);
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

// sum = x + delta in its own type: what later layers read is the rounded sum, so that is what is normalised.
template <typename T>
void add_row(const T* x, const T* delta, T* sum, int64_t n)
{
    for (int64_t i = 0; i < n; i += F32::lanes)
        store_part(sum + i, load_part(x + i, n - i) + load_part(delta + i, n - i), n - i);
}

template <typename T, bool Streams>
void forward(const RmsNorm& a, int64_t from, int64_t to)
{
    const int64_t n = a.columns;
    for (int64_t row = from; row < to; row++) {
        const T* x = static_cast<const T*>(a.x) + row * n;
        if (a.delta != nullptr) {
            T* total = static_cast<T*>(a.sum) + row * n;
            add_row(x, static_cast<const T*>(a.delta) + row * n, total, n);
            x = total;
        }
        const F32 squares = sum_of_terms(n, [&](int64_t i, int64_t left, F32 sum) {
            const F32 v = load_part(x + i, left);
            return fma(v, v, sum);
        });
        const float mean = sum(squares) / static_cast<float>(n);
        const float inverse = 1.0f / __builtin_sqrtf(mean + a.epsilon);
        T* y = static_cast<T*>(a.y) + row * n;
        for (int64_t i = 0; i < n; i += F32::lanes) {
            const F32 normal = load_part(x + i, n - i) * broadcast(inverse) * load_part(a.gain + i, n - i);
            Streams ? stream_part(y + i, normal, n - i) : store_part(y + i, normal, n - i);
        }
        if (a.inverse_rms != nullptr)
            a.inverse_rms[row] = inverse;
    }
    if constexpr (Streams)
        streamed();
}

template <typename T>
void backward(const RmsNormBackward& a, int64_t from, int64_t to)
{
    const int64_t n = a.columns;
    for (int64_t row = from; row < to; row++) {
        const T* dy = static_cast<const T*>(a.dy) + row * n;
        const T* x = static_cast<const T*>(a.x) + row * n;
        T* dx = static_cast<T*>(a.dx) + row * n;
        const F32 along = sum_of_terms(n, [&](int64_t i, int64_t left, F32 sum) {
            return fma(load_part(dy + i, left) * load_part(a.gain + i, left), load_part(x + i, left), sum);
        });
        const float inverse = a.inverse_rms[row];
        const F32 slope = broadcast(-(sum(along) / static_cast<float>(n)) * inverse * inverse);
        for (int64_t i = 0; i < n; i += F32::lanes) {
            const F32 u = load_part(dy + i, n - i) * load_part(a.gain + i, n - i);
            store_part(dx + i, fma(fma(load_part(x + i, n - i), slope, u), broadcast(inverse), load_part(dx + i, n - i)), n - i);
        }
    }
}

}  // namespace

void rms_norm(const RmsNorm& a, int64_t from, int64_t to)
{
    if (a.streams)
        a.type == SEAL_BF16 ? forward<Bf16, true>(a, from, to) : forward<float, true>(a, from, to);
    else
        a.type == SEAL_BF16 ? forward<Bf16, false>(a, from, to) : forward<float, false>(a, from, to);
}

void rms_norm_backward(const RmsNormBackward& a, int64_t from, int64_t to)
{
    a.type == SEAL_BF16 ? backward<Bf16>(a, from, to) : backward<float>(a, from, to);
}

}  // namespace seal::SEAL_ISA_NAMESPACE
