#include "engine.hpp"
#include "shape.hpp"

#include <cstring>

namespace {

// Copies are worth a thread from here on.
int64_t grain(int64_t bytes)
{
    return 1 + 65536 / bytes;
}

}  // namespace

SealStatus seal_gather_rows(
    SealEngine* engine, SealDType type, const void* x, int64_t x_rows, int64_t columns, const int32_t* rows, int64_t count, void* y) noexcept
{
    return seal::guarded([&] {
        SealEngine& e = seal::required(engine, "engine");
        const int64_t size = seal::size_of(seal::activation_type(type));
        seal::elements(x_rows, columns, "x");
        if (seal::elements(count, columns, "y") == 0)
            return;
        seal::required_memory(x, "x");
        seal::required_memory(rows, "rows");
        seal::required_memory(y, "y");
        seal::indices_within(rows, count, 0, x_rows, "rows");
        const int64_t bytes = columns * size;
        e.pool.parallel_shares(count, grain(bytes), [&](int64_t first, int64_t last) {
            for (int64_t i = first; i < last; i++)
                std::memcpy(static_cast<char*>(y) + i * bytes, static_cast<const char*>(x) + rows[i] * bytes, static_cast<size_t>(bytes));
        });
    });
}

SealStatus seal_scatter_rows(
    SealEngine* engine, SealDType type, const void* x, const int32_t* rows, int64_t count, int64_t columns, void* y, int64_t y_rows) noexcept
{
    return seal::guarded([&] {
        SealEngine& e = seal::required(engine, "engine");
        const int64_t size = seal::size_of(seal::activation_type(type));
        seal::elements(count, columns, "x");
        if (seal::elements(y_rows, columns, "y") == 0)
            return;
        seal::required_memory(y, "y");
        if (count > 0) {
            seal::required_memory(x, "x");
            seal::required_memory(rows, "rows");
        }
        seal::indices_within(rows, count, 0, y_rows, "rows");
        const int64_t bytes = columns * size;
        e.pool.parallel_shares(y_rows, grain(bytes), [&](int64_t first, int64_t last) {
            std::memset(static_cast<char*>(y) + first * bytes, 0, static_cast<size_t>((last - first) * bytes));
        });
        e.pool.parallel_shares(count, grain(bytes), [&](int64_t first, int64_t last) {
            for (int64_t i = first; i < last; i++)
                std::memcpy(static_cast<char*>(y) + rows[i] * bytes, static_cast<const char*>(x) + i * bytes, static_cast<size_t>(bytes));
        });
    });
}
