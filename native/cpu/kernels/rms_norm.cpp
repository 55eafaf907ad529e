#include "rms_norm.hpp"

#include "kernels/tail.hpp"

namespace seal::SEAL_ISA_NAMESPACE {

namespace {

// sum = x + delta in its own type: what later layers read is the rounded sum, so that is what is normalised.
template <typename T>
void add_row(const T* x, const T* delta, T* sum, int64_t n)
{
    for (int64_t i = 0; i < n; i += F32::lanes)
        store_part(sum + i, load_part(x + i, n - i) + load_part(delta + i, n - i), n - i);
}

template <typename T>
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
        F32 squares{};
        for (int64_t i = 0; i < n; i += F32::lanes) {
            const F32 v = load_part(x + i, n - i);
            squares = fma(v, v, squares);
        }
        const float mean = sum(squares) / static_cast<float>(n);
        const float inverse = 1.0f / __builtin_sqrtf(mean + a.epsilon);
        T* y = static_cast<T*>(a.y) + row * n;
        for (int64_t i = 0; i < n; i += F32::lanes)
            store_part(y + i, load_part(x + i, n - i) * broadcast(inverse) * load_part(a.gain + i, n - i), n - i);
        if (a.inverse_rms != nullptr)
            a.inverse_rms[row] = inverse;
    }
}

template <typename T>
void backward(const RmsNormBackward& a, int64_t from, int64_t to)
{
    const int64_t n = a.columns;
    for (int64_t row = from; row < to; row++) {
        const T* dy = static_cast<const T*>(a.dy) + row * n;
        const T* x = static_cast<const T*>(a.x) + row * n;
        T* dx = static_cast<T*>(a.dx) + row * n;
        F32 along{};
        for (int64_t i = 0; i < n; i += F32::lanes)
            along = fma(load_part(dy + i, n - i) * load_part(a.gain + i, n - i), load_part(x + i, n - i), along);
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
    a.type == SEAL_BF16 ? forward<Bf16>(a, from, to) : forward<float>(a, from, to);
}

void rms_norm_backward(const RmsNormBackward& a, int64_t from, int64_t to)
{
    a.type == SEAL_BF16 ? backward<Bf16>(a, from, to) : backward<float>(a, from, to);
}

}  // namespace seal::SEAL_ISA_NAMESPACE
