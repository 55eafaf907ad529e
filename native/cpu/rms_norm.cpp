#include "rms_norm.hpp"

#include "engine.hpp"
#include "shape.hpp"

namespace {

// Rows of a share: enough elements to be worth waking a thread.
int64_t grain(int64_t columns)
{
    return 1 + 4096 / columns;
}

// Whether y is handed to threads that others' rows come to: of few rows, as in generation, all that is normalised is read by every thread next (streamed_rows.hpp).
// Of many each thread reads a part, sooner from the caches.
bool streams(const SealEngine& e, int64_t rows, int64_t columns)
{
    return rows <= 16 && rows >= 2 * grain(columns) && e.pool.threads() > 1;
}

}  // namespace

SealStatus seal_rms_norm(
    SealEngine* engine, SealDType type, const void* x, const void* delta, void* sum, const float* gain, double epsilon, void* y,
    float* inverse_rms, int64_t rows, int64_t columns) noexcept
{
    return seal::guarded([&] {
        SealEngine& e = seal::required(engine, "engine");
        seal::activation_type(type);
        if (seal::elements(rows, columns, "x") == 0)
            return;
        seal::required_memory(x, "x");
        seal::required_memory(gain, "gain");
        seal::required_memory(y, "y");
        if (delta != nullptr)
            seal::required_memory(sum, "sum");
        const seal::RmsNorm norm{type, columns, static_cast<float>(epsilon), x, delta, sum, gain, y, inverse_rms, streams(e, rows, columns)};
        e.pool.parallel_shares(rows, grain(columns), [&](int64_t first, int64_t last) { e.kernels.rms_norm(norm, first, last); });
    });
}

SealStatus seal_rms_norm_backward(
    SealEngine* engine, SealDType type, const void* dy, const void* x, const float* gain, const float* inverse_rms, void* dx,
    int64_t rows, int64_t columns) noexcept
{
    return seal::guarded([&] {
        SealEngine& e = seal::required(engine, "engine");
        seal::activation_type(type);
        if (seal::elements(rows, columns, "x") == 0)
            return;
        seal::required_memory(dy, "dy");
        seal::required_memory(x, "x");
        seal::required_memory(gain, "gain");
        seal::required_memory(inverse_rms, "inverse_rms");
        seal::required_memory(dx, "dx");
        const seal::RmsNormBackward norm{type, columns, dy, x, gain, inverse_rms, dx};
        e.pool.parallel_shares(rows, grain(columns), [&](int64_t first, int64_t last) { e.kernels.rms_norm_backward(norm, first, last); });
    });
}
