#include "engine.hpp"
#include "shape.hpp"

#include <cstring>

SealStatus seal_kv_append(
    SealEngine* engine, SealDType type, const void* k, const void* v, const int32_t* cache_rows, int64_t rows, int64_t width,
    void* keys, void* values, int64_t cache_capacity) noexcept
{
    return seal::guarded([&] {
        seal::required(engine, "engine");
        const int64_t size = seal::size_of(seal::activation_type(type));
        seal::elements(cache_capacity, width, "keys");
        if (seal::elements(rows, width, "k") == 0)
            return;
        seal::required_memory(k, "k");
        seal::required_memory(v, "v");
        seal::required_memory(cache_rows, "cache_rows");
        seal::required_memory(keys, "keys");
        seal::required_memory(values, "values");
        seal::indices_within(cache_rows, rows, -1, cache_capacity, "cache_rows");
        // A few rows a step: not worth waking a thread.
        const int64_t bytes = width * size;
        for (int64_t i = 0; i < rows; i++) {
            if (cache_rows[i] < 0)
                continue;
            std::memcpy(static_cast<char*>(keys) + cache_rows[i] * bytes, static_cast<const char*>(k) + i * bytes, static_cast<size_t>(bytes));
            std::memcpy(static_cast<char*>(values) + cache_rows[i] * bytes, static_cast<const char*>(v) + i * bytes, static_cast<size_t>(bytes));
        }
    });
}
