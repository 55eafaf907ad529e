// The engine's memory over the border: a GPU's own. In a step writing and clearing are launches like any other.
#include "engine.hpp"
#include "transfer.hpp"

namespace seal::cuda {

namespace {

// y = x, or zeros where there is no x; four consecutive elements a thread.
template <typename T>
struct FillKernel {
    Global<const T> x;
    Global<T> y;
    int64_t n;

    __device__ __forceinline__ void operator()() const
    {
        const int64_t first = 4 * (static_cast<int64_t>(blockIdx.x) * block_threads + thread_number());
#pragma unroll
        for (int32_t j = 0; j < 4; j++)
            if (first + j < n)
                y.put(first + j, x ? x.get(first + j) : T{});
    }
};

// host null: zeros. Words where the memory consists of them.
void fill(SealEngine& e, void* memory, const void* host, int64_t bytes)
{
    const auto elements = [&]<typename T>(T) {
        const int64_t n = bytes / static_cast<int64_t>(sizeof(T));
        e.launch(host == nullptr ? "memory_clear" : "memory_write", {divided_up(n, 4 * block_threads), 1, 1}, 0,
            FillKernel<T>{host == nullptr ? Global<const T>() : e.tables.of(static_cast<const T*>(host), n), out<T>(memory, n), n});
    };
    if (bytes % 4 == 0 && reinterpret_cast<uintptr_t>(memory) % 4 == 0)
        elements(uint32_t{});
    else
        elements(uint8_t{});
}

}  // namespace

}  // namespace seal::cuda

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
        seal::cuda::freed_memory.free(memory);
}

SealStatus seal_memory_write(SealEngine* engine, void* memory, const void* host, int64_t bytes) noexcept
{
    return seal::guarded([&] {
        if (!seal::transfers(engine, memory, host, bytes))
            return;
        if (engine->steps.recording())
            seal::cuda::fill(*engine, memory, host, bytes);
        else
            seal::cuda::copy_to_device(memory, host, bytes);
    });
}

SealStatus seal_memory_read(SealEngine* engine, const void* memory, void* host, int64_t bytes) noexcept
{
    return seal::guarded([&] {
        seal::required(engine, "engine").refuse_in_step("seal_memory_read");
        if (seal::transfers(engine, memory, host, bytes))
            seal::cuda::copy_to_host(host, memory, bytes);
    });
}

SealStatus seal_memory_clear(SealEngine* engine, void* memory, int64_t bytes) noexcept
{
    return seal::guarded([&] {
        if (!seal::transfers(engine, memory, bytes))
            return;
        if (engine->steps.recording())
            seal::cuda::fill(*engine, memory, nullptr, bytes);
        else
            seal::cuda::clear_memory(memory, bytes);
    });
}

SealStatus seal_engine_synchronize(SealEngine* engine) noexcept
{
    return seal::guarded([&] {
        seal::required(engine, "engine").refuse_in_step("seal_engine_synchronize");
        seal::cuda::synchronize();
    });
}

SealStatus seal_engine_launches(const SealEngine* engine, int64_t* launches) noexcept
{
    return seal::guarded([&] { seal::required(launches, "launches") = seal::required(engine, "engine").launches; });
}
