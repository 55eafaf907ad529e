// Bytes: one read of x's type and one write of y's an element.
#include "kernels.hpp"
#include "kernels/tail.hpp"

namespace seal::SEAL_ISA_NAMESPACE {

namespace {

template <typename From, typename To>
void cast_elements(const From* x, To* y, int64_t n)
{
    for (int64_t i = 0; i < n; i += F32::lanes)
        store_part(y + i, load_part(x + i, n - i), n - i);
}

template <typename From>
void cast_from(const From* x, SealDType y_type, void* y, int64_t n)
{
    y_type == SEAL_BF16 ? cast_elements(x, static_cast<Bf16*>(y), n) : cast_elements(x, static_cast<float*>(y), n);
}

}  // namespace

void cast(SealDType x_type, const void* x, SealDType y_type, void* y, int64_t n)
{
    x_type == SEAL_BF16 ? cast_from(static_cast<const Bf16*>(x), y_type, y, n) : cast_from(static_cast<const float*>(x), y_type, y, n);
}

}  // namespace seal::SEAL_ISA_NAMESPACE
