// Attention from the cache: threads take sequences, or the heads of a few; a step of generation rotates and appends on the way, each
// thread for the sequences and heads that it then attends with, so that nothing is handed from thread to thread in between.
#include "attention_shape.hpp"
#include "dynamic_tasks.hpp"
#include "engine.hpp"
#include "page_lists.hpp"
#include "rope.hpp"

#include <cstring>

namespace seal {

namespace {

// Refuses what is no decode_attention; false where there is nothing to do.
bool check(const AttentionShape& shape, const SealDecodeStep& in, int64_t q_rows)
{
    elements(q_rows, shape.heads * shape.head_dim, "q");
    elements(elements(in.cache_pages, at_least<int64_t>(1, in.page_size, "page_size"), "keys"), shape.kv_heads * shape.head_dim, "keys");
    if (elements(in.sequences, 1, "sequences") == 0)
        return false;
    for (const auto& [pointer, name] : {std::pair<const void*, const char*>{in.q, "q"}, {in.keys, "keys"}, {in.values, "values"}, {in.rows, "rows"},
             {in.lengths, "lengths"}, {in.page_starts, "page_starts"}, {in.pages, "pages"}, {in.y, "y"}})
        required_memory(pointer, name);
    check_page_lists(in.rows, q_rows, in.lengths, in.page_starts, in.pages, in.sequences, in.page_size, in.cache_pages);
    return true;
}

// before(sequence, first kv head, last) comes before these heads of a sequence attend.
template <typename Before>
void attend(SealEngine& e, const AttentionShape& shape, const SealDecodeStep& in, Before before)
{
    const int32_t threads = e.pool.threads();
    const int64_t kv_heads = shape.kv_heads;
    e.own.reserve(decode_scratch(shape) * 4);
    const auto scratch = [&](int64_t thread) { return reinterpret_cast<float*>(e.own.of(thread)); };
    const DecodeAttention attention{shape, score_scale(shape.head_dim), in.page_size, in.keys, in.values, in.q, in.y};
    const auto sequence = [&](int64_t i) { return DecodeSequence{in.rows[i], in.lengths[i], in.pages + in.page_starts[i]}; };
    if (in.sequences < 2 * threads) {
        dynamic_tasks(e.pool, in.sequences * kv_heads, [&](int64_t task, int64_t thread) {
            const int64_t i = task / kv_heads, head = task % kv_heads;
            before(i, head, head + 1);
            e.kernels.decode_attention(attention, sequence(i), nullptr, head, head + 1, scratch(thread));
        });
        return;
    }
    // A thread has whole sequences, so that their pages are read from end to end.
    for (int32_t thread = 0; thread < threads; thread++)
        e.shares.give(thread, static_cast<uint32_t>(in.sequences * thread / threads), static_cast<uint32_t>(in.sequences * (thread + 1) / threads));
    e.pool.parallel_for(threads, [&](int64_t thread) {
        const auto self = static_cast<int32_t>(thread);
        for (uint32_t own, following; e.shares.take(self, own);) {
            const bool more = e.shares.next(self, following);
            const DecodeSequence at = sequence(own), next = sequence(more ? following : own);
            before(own, 0, kv_heads);
            e.kernels.decode_attention(attention, at, more ? &next : nullptr, 0, kv_heads, scratch(thread));
        }
    });
}

// What a step does before it attends.
class RotateAndAppend {
public:
    RotateAndAppend(const SealEngine& engine, const AttentionShape& shape, const SealDecodeStep& step) : e_(engine), shape_(shape), in_(step)
    {
        if (shape.head_dim % 2 != 0)
            throw Error(SEAL_BAD_ARGUMENT, "head_dim is " + std::to_string(shape.head_dim) + ", expected an even number");
        elements(in_.table_rows, shape.head_dim, "cos_sin");
        for (const auto& [pointer, name] : {std::pair<const void*, const char*>{in_.k, "k"}, {in_.v, "v"}, {in_.positions, "positions"},
                 {in_.cos_sin, "cos_sin"}, {in_.cache_rows, "cache_rows"}})
            required_memory(pointer, name);
        indices_within(in_.positions, in_.sequences, 0, in_.table_rows, "positions");
        indices_within(in_.cache_rows, in_.sequences, 0, in_.cache_pages * in_.page_size, "cache_rows");
    }

    void operator()(int64_t sequence, int64_t kv_first, int64_t kv_last) const
    {
        const int64_t row = in_.rows[sequence], count = kv_last - kv_first, group = shape_.group();
        const int64_t from = row * shape_.kv_heads + kv_first, to = in_.cache_rows[row] * shape_.kv_heads + kv_first;
        rotate(row, element(in_.q, row * shape_.heads + kv_first * group), count * group);
        rotate(row, element(in_.k, from), count);
        append(in_.keys, to, in_.k, from, count);
        append(in_.values, to, in_.v, from, count);
    }

private:
    int64_t bytes(int64_t heads) const { return heads * shape_.head_dim * size_of(shape_.type); }
    std::byte* element(void* x, int64_t heads) const { return static_cast<std::byte*>(x) + bytes(heads); }

    void rotate(int64_t row, std::byte* x, int64_t heads) const
    {
        e_.kernels.rope({shape_.type, heads * shape_.head_dim, shape_.head_dim, x, in_.positions + row, in_.cos_sin, false}, 0, 1);
    }

    void append(void* cache, int64_t to, const void* x, int64_t from, int64_t heads) const
    {
        std::memcpy(static_cast<std::byte*>(cache) + bytes(to), static_cast<const std::byte*>(x) + bytes(from), static_cast<size_t>(bytes(heads)));
    }

    const SealEngine& e_;
    const AttentionShape& shape_;
    const SealDecodeStep& in_;
};

}  // namespace

}  // namespace seal

SealStatus seal_decode_attention(
    SealEngine* engine, SealDType type, int64_t heads, int64_t kv_heads, int64_t head_dim, const void* q, int64_t q_rows, const void* keys,
    const void* values, int64_t page_size, int64_t cache_pages, const int32_t* rows, const int32_t* lengths, const int32_t* page_starts,
    const int32_t* pages, int64_t sequences, void* y) noexcept
{
    return seal::guarded([&] {
        SealEngine& e = seal::required(engine, "engine");
        const seal::AttentionShape shape = seal::attention_shape(type, heads, kv_heads, head_dim);
        SealDecodeStep step{};
        step.sequences = sequences;
        step.q = const_cast<void*>(q);  // only read
        step.keys = const_cast<void*>(keys);
        step.values = const_cast<void*>(values);
        step.page_size = page_size;
        step.cache_pages = cache_pages;
        step.rows = rows;
        step.lengths = lengths;
        step.page_starts = page_starts;
        step.pages = pages;
        step.y = y;
        if (seal::check(shape, step, q_rows))
            seal::attend(e, shape, step, [](int64_t, int64_t, int64_t) {});
    });
}

int64_t seal_sizeof_decode_step() noexcept
{
    return sizeof(SealDecodeStep);
}

SealStatus seal_decode_step(SealEngine* engine, const SealDecodeStep* step) noexcept
{
    return seal::guarded([&] {
        SealEngine& e = seal::required(engine, "engine");
        const SealDecodeStep& in = seal::required(step, "step");
        const seal::AttentionShape shape = seal::attention_shape(in.type, in.heads, in.kv_heads, in.head_dim);
        if (seal::check(shape, in, in.sequences))
            seal::attend(e, shape, in, seal::RotateAndAppend(e, shape, in));
    });
}
