// The engine and the frozen weights. A GPU has no threads to choose and no instruction set of the processor's; the emulation takes
// "unwatched" in its place, for whole models.
#include "engine.hpp"

#include <memory>

SealStatus seal_engine_create(int32_t, const char* isa, SealEngine** engine) noexcept
{
    return seal::guarded([&] {
        SealEngine*& result = seal::required(engine, "engine");
        result = nullptr;
        auto made = std::make_unique<SealEngine>();
        made->watches_memory = isa == nullptr || std::strcmp(isa, "unwatched") != 0;
        result = made.release();
    });
}

void seal_engine_destroy(SealEngine* engine) noexcept
{
    delete engine;
}

SealStatus seal_engine_threads(const SealEngine* engine, int32_t* threads) noexcept
{
    return seal::guarded([&] {
        seal::required(engine, "engine");
        seal::required(threads, "threads") = 1;
    });
}

SealStatus seal_engine_isa(const SealEngine* engine, SealIsa* isa) noexcept
{
    return seal::guarded([&] {
        seal::required(engine, "engine");
        seal::required(isa, "isa") = SEAL_ISA_PORTABLE;
    });
}

SealStatus seal_engine_scratch_bytes(const SealEngine* engine, int64_t* bytes) noexcept
{
    return seal::guarded([&] { seal::required(bytes, "bytes") = seal::required(engine, "engine").scratch.capacity(); });
}

SealStatus seal_engine_trace(SealEngine*, SealTraceSpan*, int64_t) noexcept
{
    return seal::guarded([] { throw seal::Error(SEAL_UNAVAILABLE, "spans are of the processor's threads; a GPU's kernels are traced by its profiler"); });
}

SealStatus seal_engine_traced(const SealEngine* engine, int64_t* count) noexcept
{
    return seal::guarded([&] {
        seal::required(engine, "engine");
        seal::required(count, "count") = 0;
    });
}

SealStatus seal_machine_peaks(SealEngine*, SealMachinePeaks*) noexcept
{
    return seal::guarded([] { throw seal::Error(SEAL_UNAVAILABLE, "only the processor's peaks are measured"); });
}

SealStatus seal_weight_create(SealEngine* engine, SealDType type, const float* values, int32_t rows, int32_t columns, SealWeight** weight) noexcept
{
    return seal::guarded([&] {
        SealWeight*& result = seal::required(weight, "weight");
        result = nullptr;
        seal::required(engine, "engine");
        seal::required_memory(values, "values");
        const int64_t count = seal::elements(seal::at_least(1, rows, "rows"), seal::at_least(1, columns, "columns"), "weight");
        std::unique_ptr<SealWeight> made(new SealWeight{seal::activation_type(type), rows, columns, seal::cuda::DeviceMemory(count * seal::size_of(type))});
        seal::cuda::with_type(type, [&]<typename T>(T) {
            std::vector<T> narrowed(static_cast<size_t>(count));
            for (size_t i = 0; i < narrowed.size(); i++)
                narrowed[i] = seal::cuda::narrow<T>(values[i]);
            seal::cuda::copy_to_device(made->memory.data(), narrowed.data(), made->memory.bytes());
        });
        result = made.release();
    });
}

void seal_weight_destroy(SealWeight* weight) noexcept
{
    delete weight;
}
