// The arguments of attention, checked.
#pragma once

#include "attention.cuh"
#include "engine.hpp"
#include "heads.hpp"

#include <utility>

namespace seal::cuda {

// Refuses what is no grouped-query attention, and heads wider than the kernels' largest tile.
inline AttentionHeads attention_heads(int64_t heads, int64_t kv_heads, int64_t head_dim)
{
    check_heads(heads, kv_heads, head_dim, 128);
    return {static_cast<int32_t>(heads), static_cast<int32_t>(kv_heads), static_cast<int32_t>(head_dim), score_scale(head_dim)};
}

// Rows of the pack and of its longest sequence. cu_seqlens is a table of the step's plan, the host's.
struct PackSize {
    int64_t rows = 0, longest = 0;
};

inline PackSize pack_size(const int32_t* cu_seqlens, int64_t sequences)
{
    required_memory(cu_seqlens, "cu_seqlens");
    PackSize size;
    for (int64_t i = 0; i < sequences; i++) {
        const int64_t start = cu_seqlens[i], length = int64_t{cu_seqlens[i + 1]} - start;
        if (start != size.rows || length < 0)
            throw Error(SEAL_BAD_ARGUMENT, "cu_seqlens[" + std::to_string(i) + "] is " + std::to_string(start) + " and the next is " +
                std::to_string(cu_seqlens[i + 1]) + ", expected rising rows from 0");
        size.rows += length;
        size.longest = std::max(size.longest, length);
    }
    return size;
}

// body(element, width of a head's tile) with the width as a constant.
template <typename Body>
void with_head(SealDType type, int64_t head_dim, Body&& body)
{
    with_type(type, [&]<typename T>(T element) {
        switch (padded_head_dim(head_dim)) {
        case 32: return body(element, std::integral_constant<int32_t, 32>{});
        case 64: return body(element, std::integral_constant<int32_t, 64>{});
        default: return body(element, std::integral_constant<int32_t, 128>{});
        }
    });
}

// Rows of these views that start on 16 bytes head by head.
template <typename T, typename... Views>
bool heads_aligned(int64_t head_dim, const Views&... views)
{
    return head_dim * static_cast<int64_t>(sizeof(T)) % 16 == 0 && aligned(16, views...);
}

}  // namespace seal::cuda
