// Sizes given by a caller, before anything is computed with them.
#pragma once

#include "dtype.hpp"

namespace seal {

// rows·columns, which must be countable in bytes of eight too: then no address within can overflow.
inline int64_t elements(int64_t rows, int64_t columns, const char* name)
{
    at_least<int64_t>(0, rows, name);
    at_least<int64_t>(0, columns, name);
    int64_t count = 0, bytes = 0;
    if (__builtin_mul_overflow(rows, columns, &count) || __builtin_mul_overflow(count, int64_t{8}, &bytes))
        throw Error(SEAL_BAD_ARGUMENT, std::string(name) + " of " + std::to_string(rows) + " x " + std::to_string(columns) + " is too large");
    return count;
}

// At least `least` items a task, in tasks of equal length: a short last one leaves its thread waiting for the others.
inline int64_t even_grain(int64_t items, int64_t least)
{
    const int64_t tasks = items < least ? 1 : items / least;
    return (items + tasks - 1) / tasks;
}

// Every index must be at least `least` and below the limit.
inline void indices_within(const int32_t* indices, int64_t count, int32_t least, int64_t limit, const char* name)
{
    for (int64_t i = 0; i < count; i++)
        if (indices[i] < least || indices[i] >= limit)
            throw Error(SEAL_BAD_ARGUMENT, std::string(name) + "[" + std::to_string(i) + "] is " + std::to_string(indices[i]) +
                ", expected " + std::to_string(least) + " to " + std::to_string(limit - 1));
}

}  // namespace seal
