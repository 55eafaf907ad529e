#pragma once

#include "status.hpp"

#include <cmath>
#include <string>

namespace seal {

// Refuses what is no grouped-query attention, heads wider than `widest`, and sizes whose products would overflow.
inline void check_heads(int64_t heads, int64_t kv_heads, int64_t head_dim, int64_t widest)
{
    constexpr int64_t largest = 1 << 16;
    const auto within = [](int64_t value, int64_t limit, const char* name) {
        if (value < 1 || value > limit)
            throw Error(SEAL_BAD_ARGUMENT, std::string(name) + " is " + std::to_string(value) + ", expected 1 to " + std::to_string(limit));
    };
    within(heads, largest, "heads");
    within(kv_heads, largest, "kv_heads");
    within(head_dim, widest, "head_dim");
    if (heads % kv_heads != 0)
        throw Error(SEAL_BAD_ARGUMENT, "heads is " + std::to_string(heads) + ", expected a multiple of the " + std::to_string(kv_heads) + " kv_heads");
}

// Scores are multiplied by 1/√d.
inline float score_scale(int64_t head_dim)
{
    return static_cast<float>(1 / std::sqrt(static_cast<double>(head_dim)));
}

}  // namespace seal
