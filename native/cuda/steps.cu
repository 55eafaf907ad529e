// Recorded steps over the border.
#include "engine.hpp"

SealStatus seal_step_begin(SealEngine* engine, int64_t rows) noexcept
{
    return seal::guarded([&] { seal::required(engine, "engine").steps.begin(seal::at_least<int64_t>(1, rows, "rows")); });
}

SealStatus seal_step_end(SealEngine* engine) noexcept
{
    return seal::guarded([&] { seal::required(engine, "engine").end_step(); });
}

SealStatus seal_step_abandon(SealEngine* engine) noexcept
{
    return seal::guarded([&] { seal::required(engine, "engine").steps.abandon(); });
}

SealStatus seal_engine_steps(const SealEngine* engine, SealStepCounts* counts) noexcept
{
    return seal::guarded([&] { seal::required(counts, "counts") = seal::required(engine, "engine").steps.counts(); });
}

int64_t seal_sizeof_step_counts() noexcept
{
    return sizeof(SealStepCounts);
}
