// Bytes: 2 reads and 1 write of the type an element.
#include "kernels.hpp"
#include "simd.hpp"

namespace seal::SEAL_ISA_NAMESPACE {

namespace {

template <typename T>
void add_typed(const T* x, T* y, int64_t n)
{
    int64_t i = 0;
    for (; i + F32::lanes <= n; i += F32::lanes)
        store(y + i, load(y + i) + load(x + i));
    if (i < n)
        store(y + i, load(y + i, n - i) + load(x + i, n - i), n - i);
}

}  // namespace

void add(SealDType type, const void* x, void* y, int64_t n)
{
    if (type == SEAL_BF16)
        add_typed(static_cast<const Bf16*>(x), static_cast<Bf16*>(y), n);
    else
        add_typed(static_cast<const float*>(x), static_cast<float*>(y), n);
}

}  // namespace seal::SEAL_ISA_NAMESPACE
