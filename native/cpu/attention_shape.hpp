#pragma once

#include "attention.hpp"
#include "heads.hpp"
#include "shape.hpp"

namespace seal {

// Refuses what is no grouped-query attention, and sizes whose products would overflow.
inline AttentionShape attention_shape(SealDType type, int64_t heads, int64_t kv_heads, int64_t head_dim)
{
    check_heads(heads, kv_heads, head_dim, 1 << 16);
    return {activation_type(type), heads, kv_heads, head_dim};
}

}  // namespace seal
