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
    int64_t longest = 0;
    int64_t query_blocks = 0;
};

// Filled anew for every call; keeps its memory, so that a step allocates nothing.
const Pack& pack_of(const int32_t* cu_seqlens, int64_t sequences)
{
    static thread_local Pack pack;
    required_memory(cu_seqlens, "cu_seqlens");
    pack.sequences.clear();
    pack.packed_rows = pack.longest = pack.query_blocks = 0;
    for (int64_t i = 0; i < sequences; i++) {
        const int64_t start = cu_seqlens[i], length = int64_t{cu_seqlens[i + 1]} - start;
        if (start < 0 || length < 0 || (i == 0 && start != 0))
            throw Error(SEAL_BAD_ARGUMENT, "cu_seqlens[" + std::to_string(i) + "] is " + std::to_string(start) + " and the next is " +
                std::to_string(cu_seqlens[i + 1]) + ", expected rising rows from 0");
        pack.sequences.push_back({start, length, pack.packed_rows});
        pack.packed_rows += padded(length);
        pack.longest = std::max(pack.longest, length);
        pack.query_blocks = std::max(pack.query_blocks, (length + query_block - 1) / query_block);
    }
    return pack;
}

// Floats of one packed operand.
int64_t packed_size(const AttentionShape& shape, int64_t heads, const Pack& pack)
{
    return elements(heads * shape.width(), pack.packed_rows, "the pack");
}

float* floats(SealEngine& e, int64_t count)
{
    return reinterpret_cast<float*>(e.scratch.block(elements(count, 1, "scratch") * 4));
}

void pack_operands(SealEngine& e, const AttentionShape& shape, const Pack& pack, const PackedOperand& k, const PackedOperand& v)
{
    const int64_t kv_heads = shape.kv_heads, sequences = static_cast<int64_t>(pack.sequences.size());
    dynamic_tasks(e.pool, 2 * kv_heads * sequences, [&](int64_t task, int64_t) {
        const AttentionSequence& sequence = pack.sequences[static_cast<size_t>(task / (2 * kv_heads))];
        e.kernels.pack_attention(shape, pack.packed_rows, task % 2 == 0 ? k : v, sequence, task / 2 % kv_heads);
    });
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
        float* key_columns = seal::floats(e, 2 * operand + own * e.pool.threads());
        float* value_rows = key_columns + operand;
        float* scratch = value_rows + operand;
        seal::pack_operands(e, shape, pack, {k, nullptr, key_columns}, {v, value_rows, nullptr});
        const seal::CausalAttention attention{shape, seal::scale_of(shape), pack.packed_rows, key_columns, value_rows, q, y, log_sum_exp};
        // The last query blocks first: they attend to the most keys.
        seal::dynamic_tasks(e.pool, pack.query_blocks * sequences * heads, [&](int64_t task, int64_t thread) {
            const seal::AttentionSequence& sequence = pack.sequences[static_cast<size_t>(task / heads % sequences)];
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
        const int64_t operand = seal::packed_size(shape, kv_heads, pack), shares = seal::packed_size(shape, heads, pack);
        const int64_t own = seal::backward_scratch(shape, pack.longest);
        float* key_rows = seal::floats(e, 3 * operand + 2 * shares + own * e.pool.threads());
        float* key_columns = key_rows + operand;
        float* value_columns = key_columns + operand;
        float* dk_heads = value_columns + operand;
        float* dv_heads = dk_heads + shares;
        float* scratch = dv_heads + shares;
        seal::pack_operands(e, shape, pack, {k, key_rows, key_columns}, {v, nullptr, value_columns});
        const seal::CausalAttentionBackward attention{
            shape, seal::scale_of(shape), pack.packed_rows, key_rows, key_columns, value_columns, dy, q, y, log_sum_exp, dq, dk_heads, dv_heads, dk, dv};
        seal::dynamic_tasks(e.pool, sequences * heads, [&](int64_t task, int64_t thread) {
            e.kernels.causal_attention_backward(attention, pack.sequences[static_cast<size_t>(task / heads)], task % heads, scratch + thread * own);
        });
        seal::dynamic_tasks(e.pool, sequences * kv_heads, [&](int64_t task, int64_t) {
            e.kernels.sum_kv_gradients(attention, pack.sequences[static_cast<size_t>(task / kv_heads)], task % kv_heads);
        });
    });
}
