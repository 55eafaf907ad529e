#include "swiglu.hpp"

#include "engine.hpp"
#include "shape.hpp"

namespace {

// Elements of a share: enough to be worth waking a thread.
constexpr int64_t least = 4096;

}  // namespace

SealStatus seal_swiglu(SealEngine* engine, SealDType type, const void* gate, const void* up, void* y, int64_t n) noexcept
{
    return seal::guarded([&] {
        SealEngine& e = seal::required(engine, "engine");
        seal::activation_type(type);
        if (seal::elements(1, n, "n") == 0)
            return;
        seal::required_memory(gate, "gate");
        seal::required_memory(up, "up");
        seal::required_memory(y, "y");
        const seal::SwiGlu swiglu{type, gate, up, y};
        e.pool.parallel_shares(n, least, [&](int64_t first, int64_t last) { e.kernels.swiglu(swiglu, first, last); });
    });
}

SealStatus seal_swiglu_backward(
    SealEngine* engine, SealDType type, const void* dy, const void* gate, const void* up, void* dgate, void* dup, int64_t n) noexcept
{
    return seal::guarded([&] {
        SealEngine& e = seal::required(engine, "engine");
        seal::activation_type(type);
        if (seal::elements(1, n, "n") == 0)
            return;
        seal::required_memory(dy, "dy");
        seal::required_memory(gate, "gate");
        seal::required_memory(up, "up");
        seal::required_memory(dgate, "dgate");
        seal::required_memory(dup, "dup");
        const seal::SwiGluBackward swiglu{type, dy, gate, up, dgate, dup};
        e.pool.parallel_shares(n, least, [&](int64_t first, int64_t last) { e.kernels.swiglu_backward(swiglu, first, last); });
    });
}
