#include "kernels.hpp"
#include "tail.hpp"

namespace seal::SEAL_ISA_NAMESPACE {

namespace {

// Where one passes: the largest of so many elements is kept, so that only one block is searched for its place.
constexpr int64_t block = 1024;
constexpr float infinity = __builtin_inff();

float largest_of(const float* x, int64_t n)
{
    // max gives its second operand where one is NaN: so a NaN is passed over.
    F32 first = broadcast(-infinity), second = first, third = first, fourth = first;
    int64_t i = 0;
    for (; i + 4 * F32::lanes <= n; i += 4 * F32::lanes) {
        first = max(load(x + i), first);
        second = max(load(x + i + F32::lanes), second);
        third = max(load(x + i + 2 * F32::lanes), third);
        fourth = max(load(x + i + 3 * F32::lanes), fourth);
    }
    float best = largest(max(max(first, second), max(third, fourth)));
    for (; i < n; i++)
        best = x[i] > best ? x[i] : best;
    return best;
}

}  // namespace

// The first of the largest; 0 where all are NaN. +0 and -0 are equal.
int32_t greedy(const float* x, int64_t n)
{
    int64_t where = 0;
    float best = -infinity;
    for (int64_t start = 0; start < n; start += block) {
        const float here = largest_of(x + start, n - start < block ? n - start : block);
        if (here > best) {
            best = here;
            where = start;
        }
    }
    for (int64_t i = where; i < n; i++)
        if (x[i] == best)
            return static_cast<int32_t>(i);
    return 0;
}

}  // namespace seal::SEAL_ISA_NAMESPACE
