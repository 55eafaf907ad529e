#include "attention_shape.hpp"
#include "dynamic_tasks.hpp"
#include "engine.hpp"

#include <algorithm>
#include <vector>

namespace seal {

namespace {

// The pack, and the rows that its sequences take when each is padded.
struct Pack {
    std::vector<AttentionSequence> sequences;
    int64_t packed_rows = 0;
    int64_t query_blocks = 0;
};

// Filled anew for every call; keeps its memory, so that a step allocates nothing.
const Pack& pack_of(const int32_t* cu_seqlens, int64_t sequences)
{
    static thread_local Pack pack;
    required_memory(cu_seqlens, "cu_seqlens");
    pack.sequences.clear();
    pack.packed_rows = pack.query_blocks = 0;
    for (int64_t i = 0; i < sequences; i++) {
        const int64_t start = cu_seqlens[i], length = int64_t{cu_seqlens[i + 1]} - start;
        if (start < 0 || length < 0 || (i == 0 && start != 0))
            throw Error(SEAL_BAD_ARGUMENT, "cu_seqlens[" + std::to_string(i) + "] is " + std::to_string(start) + " and the next is " +
                std::to_string(cu_seqlens[i + 1]) + ", expected rising rows from 0");
        pack.sequences.push_back({start, length, pack.packed_rows});
        pack.packed_rows += padded(length);
        pack.query_blocks = std::max(pack.query_blocks, (length + query_block - 1) / query_block);
    }
    return pack;
}

// f32 elements of one packed operand, which may take less.
int64_t packed_size(const AttentionShape& shape, int64_t heads, const Pack& pack)
{
    return elements(heads * shape.width(), pack.packed_rows, "the pack");
}

// Hands out one block of scratch, piece after piece.
class Pieces {
public:
    Pieces(SealEngine& e, int64_t floats) : next_(reinterpret_cast<float*>(e.scratch.block(elements(floats, 1, "scratch") * 4))) {}

    float* take(int64_t floats)
    {
        float* piece = next_;
        next_ += floats;
        return piece;
    }

private:
    float* next_;
};

const AttentionSequence& sequence_at(const Pack& pack, int64_t i)
{
    return pack.sequences[static_cast<size_t>(i)];
}

}  // namespace

}  // namespace seal

SealStatus seal_causal_attention(
    SealEngine* engine, SealDType type, int64_t heads, int64_t kv_heads, int64_t head_dim, const int32_t* cu_seqlens, int64_t sequences,
    const void* q, const void* k, const void* v, void* y, float* log_sum_exp) noexcept
{
    return seal::guarded([&] {
        SealEngine& e = seal::required(engine, "engine");
        const seal::AttentionShape shape = seal::attention_shape(type, heads, kv_heads, head_dim);
        if (seal::elements(sequences, 1, "sequences") == 0)
            return;
        seal::required_memory(q, "q");
        seal::required_memory(k, "k");
        seal::required_memory(v, "v");
        seal::required_memory(y, "y");
        const seal::Pack& pack = seal::pack_of(cu_seqlens, sequences);
        const int64_t operand = seal::packed_size(shape, kv_heads, pack), own = seal::forward_scratch(shape);
        seal::Pieces pieces(e, 2 * operand + own * e.pool.threads());
        float* key_columns = pieces.take(operand);
        float* value_rows = pieces.take(operand);
        float* scratch = pieces.take(own * e.pool.threads());
        const seal::CausalAttention attention{shape, seal::score_scale(shape.head_dim), pack.packed_rows, q, k, v, key_columns, value_rows, y, log_sum_exp};
        seal::dynamic_tasks(e.pool, sequences * kv_heads * 2, [&](int64_t task, int64_t) {
            e.kernels.pack_attention(attention, seal::sequence_at(pack, task / 2 / kv_heads), task / 2 % kv_heads, task % 2 != 0);
        });
        // The last query blocks first: they attend to the most keys.
        seal::dynamic_tasks(e.pool, pack.query_blocks * sequences * heads, [&](int64_t task, int64_t thread) {
            const seal::AttentionSequence& sequence = seal::sequence_at(pack, task / heads % sequences);
            const int64_t from = (pack.query_blocks - 1 - task / heads / sequences) * seal::query_block;
            if (from < sequence.length)
                e.kernels.causal_attention(attention, sequence, task % heads, from, scratch + thread * own);
        });
    });
}

SealStatus seal_causal_attention_backward(
    SealEngine* engine, SealDType type, int64_t heads, int64_t kv_heads, int64_t head_dim, const int32_t* cu_seqlens, int64_t sequences,
    const void* dy, const void* q, const void* k, const void* v, const void* y, const float* log_sum_exp, void* dq, void* dk, void* dv) noexcept
{
    return seal::guarded([&] {
        SealEngine& e = seal::required(engine, "engine");
        const seal::AttentionShape shape = seal::attention_shape(type, heads, kv_heads, head_dim);
        if (seal::elements(sequences, 1, "sequences") == 0)
            return;
        for (const auto& [pointer, name] : {std::pair{dy, "dy"}, {q, "q"}, {k, "k"}, {v, "v"}, {y, "y"},
                 {static_cast<const void*>(log_sum_exp), "log_sum_exp"}, {static_cast<const void*>(dq), "dq"},
                 {static_cast<const void*>(dk), "dk"}, {static_cast<const void*>(dv), "dv"}})
            seal::required_memory(pointer, name);
        const seal::Pack& pack = seal::pack_of(cu_seqlens, sequences);
        const int64_t of_keys = seal::packed_size(shape, kv_heads, pack), of_queries = seal::packed_size(shape, heads, pack);
        const int64_t own = seal::backward_scratch(shape), statistics = heads * pack.packed_rows;
        seal::Pieces pieces(e, 3 * of_keys + (4 + seal::gradient_parts) * of_queries + 2 * statistics + own * e.pool.threads());
        seal::CausalAttentionBackward a{};
        a.shape = shape;
        a.scale = seal::score_scale(shape.head_dim);
        a.packed_rows = pack.packed_rows;
        a.dy = dy;
        a.q = q;
        a.k = k;
        a.v = v;
        a.y = y;
        a.log_sum_exp = log_sum_exp;
        a.query_rows = pieces.take(of_queries);
        a.dy_rows = pieces.take(of_queries);
        a.key_rows = pieces.take(of_keys);
        a.key_columns = pieces.take(of_keys);
        a.value_columns = pieces.take(of_keys);
        a.dq_parts = pieces.take(seal::gradient_parts * of_queries);
        a.dk_heads = pieces.take(of_queries);
        a.dv_heads = pieces.take(of_queries);
        float* scratch = pieces.take(own * e.pool.threads());
        a.shift = pieces.take(statistics);
        a.along = pieces.take(statistics);
        a.dq = dq;
        a.dk = dk;
        a.dv = dv;
        const int64_t packs = heads + kv_heads, parts = heads * seal::gradient_parts, sums = heads + 2 * kv_heads;
        seal::dynamic_tasks(e.pool, sequences * packs, [&](int64_t task, int64_t) {
            e.kernels.pack_attention_backward(a, seal::sequence_at(pack, task / packs), task % packs);
        });
        seal::dynamic_tasks(e.pool, sequences * parts, [&](int64_t task, int64_t thread) {
            e.kernels.causal_attention_backward(a, seal::sequence_at(pack, task / parts), task % heads, task / heads % seal::gradient_parts, scratch + thread * own);
        });
        seal::dynamic_tasks(e.pool, sequences * sums, [&](int64_t task, int64_t) {
            e.kernels.sum_attention_gradients(a, seal::sequence_at(pack, task / sums), task % sums);
        });
    });
}
