#pragma once

#include "attention.hpp"
#include "shape.hpp"

#include <cmath>
#include <utility>

namespace seal {

// Refuses what is no grouped-query attention, and sizes whose products would overflow.
inline AttentionShape attention_shape(SealDType type, int64_t heads, int64_t kv_heads, int64_t head_dim)
{
    constexpr int64_t largest = 1 << 16;
    for (const auto& [value, name] : {std::pair{heads, "heads"}, {kv_heads, "kv_heads"}, {head_dim, "head_dim"}})
        if (value < 1 || value > largest)
            throw Error(SEAL_BAD_ARGUMENT, std::string(name) + " is " + std::to_string(value) + ", expected 1 to " + std::to_string(largest));
    if (heads % kv_heads != 0)
        throw Error(SEAL_BAD_ARGUMENT, "heads is " + std::to_string(heads) + ", expected a multiple of the " + std::to_string(kv_heads) + " kv_heads");
    return {activation_type(type), heads, kv_heads, head_dim};
}

// Scores are multiplied by 1/√d.
inline float scale_of(const AttentionShape& shape)
{
    return static_cast<float>(1 / std::sqrt(static_cast<double>(shape.head_dim)));
}

}  // namespace seal
