// Rotation of every head by its row's angles, in place. Bytes: x read and written once; the row's angles stay in L1.
#include "rope.hpp"

#include "kernels/tail.hpp"

namespace seal::SEAL_ISA_NAMESPACE {

namespace {

template <typename T>
void rotate(const Rope& a, int64_t from, int64_t to)
{
    const int64_t half = a.head_dim / 2;
    const F32 sign = broadcast(a.inverse ? -1.0f : 1.0f);
    for (int64_t row = from; row < to; row++) {
        const float* cosines = a.cos_sin + a.positions[row] * a.head_dim;
        T* first = static_cast<T*>(a.x) + row * a.columns;
        for (T* end = first + a.columns; first < end; first += a.head_dim)
            for (int64_t j = 0; j < half; j += F32::lanes) {
                const F32 u = load_part(first + j, half - j), v = load_part(first + half + j, half - j);
                const F32 c = load_part(cosines + j, half - j), s = load_part(cosines + half + j, half - j) * sign;
                store_part(first + j, u * c - v * s, half - j);
                store_part(first + half + j, v * c + u * s, half - j);
            }
    }
}

}  // namespace

void rope(const Rope& a, int64_t from, int64_t to)
{
    a.type == SEAL_BF16 ? rotate<Bf16>(a, from, to) : rotate<float>(a, from, to);
}

}  // namespace seal::SEAL_ISA_NAMESPACE
