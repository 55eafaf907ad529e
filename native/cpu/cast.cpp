#include "engine.hpp"
#include "shape.hpp"

SealStatus seal_cast(SealEngine* engine, SealDType x_type, const void* x, SealDType y_type, void* y, int64_t n) noexcept
{
    return seal::guarded([&] {
        SealEngine& e = seal::required(engine, "engine");
        const int64_t x_size = seal::size_of(seal::activation_type(x_type)), y_size = seal::size_of(seal::activation_type(y_type));
        if (seal::elements(1, n, "n") == 0)
            return;
        seal::required_memory(x, "x");
        seal::required_memory(y, "y");
        e.pool.parallel_shares(n, 16384, [&](int64_t first, int64_t last) {
            e.kernels.cast(x_type, static_cast<const char*>(x) + first * x_size, y_type, static_cast<char*>(y) + first * y_size, last - first);
        });
    });
}
