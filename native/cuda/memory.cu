// The engine's memory over the border: a GPU's own.
#include "engine.hpp"
#include "transfer.hpp"

SealStatus seal_memory_allocate(SealEngine* engine, int64_t bytes, void** memory) noexcept
{
    return seal::guarded([&] {
        void*& result = seal::required(memory, "memory");
        result = nullptr;
        seal::required(engine, "engine");
        result = seal::cuda::allocate_memory(seal::at_least<int64_t>(1, bytes, "bytes"));
    });
}

void seal_memory_free(void* memory) noexcept
{
    if (memory != nullptr)
        seal::cuda::free_memory(memory);
}

SealStatus seal_memory_write(SealEngine* engine, void* memory, const void* host, int64_t bytes) noexcept
{
    return seal::guarded([&] {
        if (seal::transfers(engine, memory, host, bytes))
            seal::cuda::copy_to_device(memory, host, bytes);
    });
}

SealStatus seal_memory_read(SealEngine* engine, const void* memory, void* host, int64_t bytes) noexcept
{
    return seal::guarded([&] {
        if (seal::transfers(engine, memory, host, bytes))
            seal::cuda::copy_to_host(host, memory, bytes);
    });
}

SealStatus seal_memory_clear(SealEngine* engine, void* memory, int64_t bytes) noexcept
{
    return seal::guarded([&] {
        if (seal::transfers(engine, memory, bytes))
            seal::cuda::clear_memory(memory, bytes);
    });
}

SealStatus seal_engine_synchronize(SealEngine* engine) noexcept
{
    return seal::guarded([&] {
        seal::required(engine, "engine");
        seal::cuda::synchronize();
    });
}

SealStatus seal_engine_launches(const SealEngine* engine, int64_t* launches) noexcept
{
    return seal::guarded([&] { seal::required(launches, "launches") = seal::required(engine, "engine").launches; });
}
