#include "engine.hpp"

#include "cpu_features.hpp"
#include "isa.hpp"
#include "status.hpp"

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace seal {

namespace {

constexpr int32_t most_threads = 1024;

int32_t threads_named(const char* setting)
{
    const char* end = setting + std::strlen(setting);
    int32_t threads = 0;
    const auto [rest, error] = std::from_chars(setting, end, threads);
    if (error != std::errc{} || rest != end || threads < 1 || threads > most_threads)
        throw Error(SEAL_BAD_ARGUMENT, "SEAL_THREADS is '" + std::string(setting) + "': expected a whole number from 1 to " +
            std::to_string(most_threads) + ", or leave it unset for one thread a core");
    return threads;
}

int32_t thread_count(int32_t asked)
{
    if (asked < 0 || asked > most_threads)
        throw Error(SEAL_BAD_ARGUMENT, "threads is " + std::to_string(asked) + ", expected 0 (one a core) to " + std::to_string(most_threads));
    if (asked != 0)
        return asked;
    const char* setting = std::getenv("SEAL_THREADS");
    return setting == nullptr || *setting == 0 ? cpu_features().cores : threads_named(setting);
}

SealIsa choose_isa(const char* asked)
{
    if (asked == nullptr)
        asked = std::getenv("SEAL_ISA");
    return asked == nullptr ? best_isa(cpu_features()) : isa_named(asked, cpu_features());
}

}  // namespace

}  // namespace seal

SealStatus seal_engine_create(int32_t threads, const char* isa, SealEngine** engine) noexcept
{
    return seal::guarded([&] {
        SealEngine*& result = seal::required(engine, "engine");
        result = nullptr;
        result = std::make_unique<SealEngine>(seal::thread_count(threads), seal::choose_isa(isa)).release();
    });
}

void seal_engine_destroy(SealEngine* engine) noexcept
{
    delete engine;
}

SealStatus seal_engine_threads(const SealEngine* engine, int32_t* threads) noexcept
{
    return seal::guarded([&] { seal::required(threads, "threads") = seal::required(engine, "engine").pool.threads(); });
}

SealStatus seal_engine_scratch_bytes(const SealEngine* engine, int64_t* bytes) noexcept
{
    return seal::guarded([&] {
        const SealEngine& e = seal::required(engine, "engine");
        seal::required(bytes, "bytes") = e.scratch.capacity() + e.own.capacity();
    });
}

SealStatus seal_engine_trace(SealEngine* engine, SealTraceSpan* spans, int64_t capacity) noexcept
{
    return seal::guarded([&] {
        SealEngine& e = seal::required(engine, "engine");
        if (capacity < 0 || (spans == nullptr && capacity > 0))
            throw seal::Error(SEAL_BAD_ARGUMENT, "capacity is " + std::to_string(capacity) + ", expected the length of spans");
        e.pool.trace(spans, capacity);
    });
}

SealStatus seal_engine_traced(const SealEngine* engine, int64_t* count) noexcept
{
    return seal::guarded([&] { seal::required(count, "count") = seal::required(engine, "engine").pool.traced(); });
}

SealStatus seal_engine_isa(const SealEngine* engine, SealIsa* isa) noexcept
{
    return seal::guarded([&] { seal::required(isa, "isa") = seal::required(engine, "engine").isa; });
}
