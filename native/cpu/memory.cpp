// The engine's memory is the host's.
#include "engine.hpp"
#include "shape.hpp"
#include "transfer.hpp"

#include <cstring>
#include <new>

namespace {

constexpr std::align_val_t alignment{64};

}  // namespace

SealStatus seal_memory_allocate(SealEngine* engine, int64_t bytes, void** memory) noexcept
{
    return seal::guarded([&] {
        void*& result = seal::required(memory, "memory");
        result = nullptr;
        seal::required(engine, "engine");
        result = ::operator new(static_cast<size_t>(seal::at_least<int64_t>(1, bytes, "bytes")), alignment, std::nothrow);
        if (result == nullptr)
            throw std::bad_alloc();
    });
}

void seal_memory_free(void* memory) noexcept
{
    ::operator delete(memory, alignment);
}

SealStatus seal_memory_write(SealEngine* engine, void* memory, const void* host, int64_t bytes) noexcept
{
    return seal::guarded([&] {
        if (seal::transfers(engine, memory, host, bytes))
            std::memmove(memory, host, static_cast<size_t>(bytes));
    });
}

SealStatus seal_memory_read(SealEngine* engine, const void* memory, void* host, int64_t bytes) noexcept
{
    return seal::guarded([&] {
        if (seal::transfers(engine, memory, host, bytes))
            std::memmove(host, memory, static_cast<size_t>(bytes));
    });
}

SealStatus seal_memory_clear(SealEngine* engine, void* memory, int64_t bytes) noexcept
{
    return seal::guarded([&] {
        if (seal::transfers(engine, memory, bytes))
            std::memset(memory, 0, static_cast<size_t>(bytes));
    });
}

SealStatus seal_engine_synchronize(SealEngine* engine) noexcept
{
    return seal::guarded([&] { seal::required(engine, "engine"); });
}

SealStatus seal_engine_launches(const SealEngine* engine, int64_t* launches) noexcept
{
    return seal::guarded([&] {
        seal::required(engine, "engine");
        seal::required(launches, "launches") = 0;
    });
}
