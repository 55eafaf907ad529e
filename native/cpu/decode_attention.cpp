#include "attention_shape.hpp"
#include "dynamic_tasks.hpp"
#include "engine.hpp"
#include "page_lists.hpp"

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
        seal::check_page_lists(rows, q_rows, lengths, page_starts, pages, sequences, page_size, cache_pages);
        const int64_t own = seal::decode_scratch(shape);
        float* scratch = reinterpret_cast<float*>(e.scratch.block(own * e.pool.threads() * 4));
        const seal::DecodeAttention attention{shape, seal::score_scale(shape.head_dim), page_size, keys, values, q, y};
        const auto sequence = [&](int64_t i) { return seal::DecodeSequence{rows[i], lengths[i], pages + page_starts[i]}; };
        const int64_t threads = e.pool.threads();
        if (sequences < 2 * threads) {
            seal::dynamic_tasks(e.pool, sequences * kv_heads, [&](int64_t task, int64_t thread) {
                e.kernels.decode_attention(attention, sequence(task / kv_heads), nullptr, task % kv_heads, task % kv_heads + 1, scratch + thread * own);
            });
            return;
        }
        // A thread has whole sequences, so that their pages are read from end to end.
        e.pool.parallel_for(threads, [&](int64_t thread) {
            const int64_t last = sequences * (thread + 1) / threads;
            for (int64_t i = sequences * thread / threads; i < last; i++) {
                const seal::DecodeSequence at = sequence(i), next = sequence(i + 1 < last ? i + 1 : i);
                e.kernels.decode_attention(attention, at, i + 1 < last ? &next : nullptr, 0, kv_heads, scratch + thread * own);
            }
        });
    });
}
