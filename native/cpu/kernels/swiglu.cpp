// Elementwise over n: bytes of the type 2 read, 1 written; backward 3 read, 2 written. One exp and one division each, about as long as
// the bytes take from memory: in cache the arithmetic is what counts.
#include "swiglu.hpp"

#include "kernels/tail.hpp"

namespace seal::SEAL_ISA_NAMESPACE {

namespace {

template <typename T>
void forward(const SwiGlu& a, int64_t from, int64_t to)
{
    const T* gate = static_cast<const T*>(a.gate);
    const T* up = static_cast<const T*>(a.up);
    T* y = static_cast<T*>(a.y);
    const F32 one = broadcast(1);
    for (int64_t i = from; i < to; i += F32::lanes) {
        const F32 g = load_part(gate + i, to - i);
        store_part(y + i, g / (one + exp(zero() - g)) * load_part(up + i, to - i), to - i);
    }
}

// silu'(g) = σ(g)·(1 + g·(1 - σ(g)))
template <typename T>
void backward(const SwiGluBackward& a, int64_t from, int64_t to)
{
    const T* dy = static_cast<const T*>(a.dy);
    const T* gate = static_cast<const T*>(a.gate);
    const T* up = static_cast<const T*>(a.up);
    T* dgate = static_cast<T*>(a.dgate);
    T* dup = static_cast<T*>(a.dup);
    const F32 one = broadcast(1);
    for (int64_t i = from; i < to; i += F32::lanes) {
        const F32 g = load_part(gate + i, to - i), u = load_part(up + i, to - i), d = load_part(dy + i, to - i);
        const F32 sigmoid = one / (one + exp(zero() - g));
        const F32 slope = sigmoid * fma(g, one - sigmoid, one);
        store_part(dup + i, d * (g * sigmoid), to - i);
        store_part(dgate + i, d * u * slope, to - i);
    }
}

}  // namespace

void swiglu(const SwiGlu& a, int64_t from, int64_t to)
{
    a.type == SEAL_BF16 ? forward<Bf16>(a, from, to) : forward<float>(a, from, to);
}

void swiglu_backward(const SwiGluBackward& a, int64_t from, int64_t to)
{
    a.type == SEAL_BF16 ? backward<Bf16>(a, from, to) : backward<float>(a, from, to);
}

}  // namespace seal::SEAL_ISA_NAMESPACE
