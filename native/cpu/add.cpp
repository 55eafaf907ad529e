#include "dtype.hpp"
#include "engine.hpp"

SealStatus seal_add(SealEngine* engine, SealDType type, const void* x, void* y, int64_t n) noexcept
{
    return seal::guarded([&] {
        SealEngine& e = seal::required(engine, "engine");
        const int64_t size = seal::size_of(seal::activation_type(type));
        if (seal::element_count(n, "n") == 0)
            return;
        seal::required_memory(x, "x");
        seal::required_memory(y, "y");
        e.pool.parallel_shares(n, 16384, [&](int64_t first, int64_t last) {
            e.kernels.add(type, static_cast<const char*>(x) + first * size, static_cast<char*>(y) + first * size, last - first);
        });
    });
}
