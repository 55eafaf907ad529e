// The processor needs no recording: what a step asks for is done when it is asked for.
#include "shape.hpp"
#include "status.hpp"

SealStatus seal_step_begin(SealEngine* engine, int64_t rows) noexcept
{
    return seal::guarded([&] {
        seal::required(engine, "engine");
        seal::at_least<int64_t>(1, rows, "rows");
    });
}

SealStatus seal_step_end(SealEngine* engine) noexcept
{
    return seal::guarded([&] { seal::required(engine, "engine"); });
}

SealStatus seal_step_abandon(SealEngine* engine) noexcept
{
    return seal::guarded([&] { seal::required(engine, "engine"); });
}

SealStatus seal_engine_steps(const SealEngine* engine, SealStepCounts* counts) noexcept
{
    return seal::guarded([&] {
        seal::required(engine, "engine");
        seal::required(counts, "counts") = {};
    });
}

int64_t seal_sizeof_step_counts() noexcept
{
    return sizeof(SealStepCounts);
}
