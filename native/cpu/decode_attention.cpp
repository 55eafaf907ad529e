#include "attention_shape.hpp"
#include "dynamic_tasks.hpp"
#include "engine.hpp"

SealStatus seal_decode_attention(
    SealEngine* engine, SealDType type, int64_t heads, int64_t kv_heads, int64_t head_dim, const void* q, int64_t q_rows, const void* keys,
    const void* values, int64_t page_size, int64_t cache_pages, const int32_t* rows, const int32_t* lengths, const int32_t* page_starts,
    const int32_t* pages, int64_t sequences, void* y) noexcept
{
    return seal::guarded([&] {
        SealEngine& e = seal::required(engine, "engine");
        const seal::AttentionShape shape = seal::attention_shape(type, heads, kv_heads, head_dim);
        seal::elements(q_rows, heads * head_dim, "q");
        seal::elements(seal::elements(cache_pages, seal::at_least<int64_t>(1, page_size, "page_size"), "keys"), kv_heads * head_dim, "keys");
        if (seal::elements(sequences, 1, "sequences") == 0)
            return;
        for (const auto& [pointer, name] : {std::pair{q, "q"}, {keys, "keys"}, {values, "values"}, {static_cast<const void*>(rows), "rows"},
                 {static_cast<const void*>(lengths), "lengths"}, {static_cast<const void*>(page_starts), "page_starts"},
                 {static_cast<const void*>(pages), "pages"}, {static_cast<const void*>(y), "y"}})
            seal::required_memory(pointer, name);
        seal::indices_within(rows, sequences, 0, q_rows, "rows");
        for (int64_t i = 0; i < sequences; i++) {
            const int64_t held = int64_t{page_starts[i + 1]} - page_starts[i];
            if (page_starts[i] < 0 || lengths[i] < 1 || held * page_size < lengths[i])
                throw seal::Error(SEAL_BAD_ARGUMENT, "lengths[" + std::to_string(i) + "] is " + std::to_string(lengths[i]) +
                    ", expected 1 up to the rows of its " + std::to_string(held) + " pages");
            seal::indices_within(pages + page_starts[i], held, 0, cache_pages, "pages");
        }
        const int64_t own = seal::decode_scratch(shape);
        float* scratch = reinterpret_cast<float*>(e.scratch.block(own * e.pool.threads() * 4));
        const seal::DecodeAttention attention{shape, seal::scale_of(shape), page_size, keys, values, q, y};
        seal::dynamic_tasks(e.pool, sequences * kv_heads, [&](int64_t task, int64_t thread) {
            const int64_t i = task / kv_heads;
            e.kernels.decode_attention(attention, {rows[i], lengths[i], pages + page_starts[i]}, task % kv_heads, scratch + thread * own);
        });
    });
}
