#include "kernels/attention_rows.hpp"
#include "kernels/small_product.hpp"
#include "kernels/sum_lanes.hpp"

namespace seal::SEAL_ISA_NAMESPACE {

namespace {

// scores[j] = query·key j for the keys of a block, in f32 rows of `width`; those behind the last are 0.
void score(const float* query, const float* keys, int64_t width, int64_t rows, float* scores)
{
    for (int64_t j = 0; j < rows; j += F32::lanes) {
        F32 totals[F32::lanes];
        for (int64_t k = 0; k < F32::lanes; k++) {
            totals[k] = zero();
            if (j + k < rows)
                for (int64_t i = 0; i < width; i += F32::lanes)
                    totals[k] = fma(load(query + i), load(keys + (j + k) * width + i), totals[k]);
        }
        store(scores + j, sum_each(totals));
    }
}

// The query heads first .. first + heads, which share one kv head: at most a query block of them at once.
template <typename T>
void decode(const DecodeAttention& a, const DecodeSequence& sequence, int64_t first, int64_t heads, float* scratch)
{
    const AttentionShape& shape = a.shape;
    const int64_t width = shape.width(), d = shape.head_dim, stride = shape.kv_heads * d;
    const int64_t kv_offset = first / shape.group() * d, q_offset = sequence.row * shape.heads * d + first * d;
    float* queries = scratch;
    float* mixed = queries + heads * width;
    float* scores = mixed + heads * width;
    float* block = scores + heads * key_block;

    unpack_rows(static_cast<const T*>(a.q) + q_offset, d, queries, width, heads, d, a.scale);
    for (int64_t i = 0; i < heads * width; i++)
        mixed[i] = 0;
    Softmax softmax;
    softmax.clear();
    for (int64_t j = 0; j < sequence.length; j += key_block) {
        const int64_t rows = sequence.length - j < key_block ? sequence.length - j : key_block;
        // visit(offset in the cache, first row of the block, rows) for every piece of a page that the block covers.
        const auto each_piece = [&](auto&& visit) {
            for (int64_t row = 0; row < rows;) {
                const int64_t in_page = (j + row) % a.page_size, left = a.page_size - in_page, count = rows - row < left ? rows - row : left;
                visit((sequence.pages[(j + row) / a.page_size] * a.page_size + in_page) * stride + kv_offset, row, count);
                row += count;
            }
        };
        const auto unpack = [&](const void* cache) {
            each_piece([&](int64_t at, int64_t row, int64_t count) {
                unpack_rows(static_cast<const T*>(cache) + at, stride, block + row * width, width, count, d, 1);
            });
        };
        // Another head's rows lie between these: no processor sees that they come one after the other.
        const void* const caches[] = {a.keys, a.values};
        for (const void* cache : caches)
            each_piece([&](int64_t at, int64_t, int64_t count) {
                for (int64_t row = 0; row < count; row++)
                    for (int64_t i = 0; i < d; i += 64 / static_cast<int64_t>(sizeof(T)))
                        __builtin_prefetch(static_cast<const T*>(cache) + at + row * stride + i, 0, 2);
            });
        unpack(a.keys);
        for (int64_t head = 0; head < heads; head++)
            score(queries + head * width, block, width, rows, scores + head * key_block);
        unpack(a.values);
        softmax_block(softmax, scores, mixed, width, heads, padded(rows), rows, 0);
        small_product({scores, key_block, 1}, block, width, mixed, width, heads, width, rows, true);
    }
    for (int64_t head = 0; head < heads; head++)
        for (int64_t i = 0; i < width; i += F32::lanes)
            store(mixed + head * width + i, load(mixed + head * width + i) / broadcast(softmax.sum[head]));
    pack_rows(mixed, width, static_cast<T*>(a.y) + q_offset, d, heads, d, 1);
}

}  // namespace

void decode_attention(const DecodeAttention& a, const DecodeSequence& sequence, int64_t kv_head, float* scratch)
{
    const int64_t first = kv_head * a.shape.group(), last = first + a.shape.group();
    for (int64_t head = first; head < last; head += query_block) {
        const int64_t heads = last - head < query_block ? last - head : query_block;
        a.shape.type == SEAL_BF16 ? decode<Bf16>(a, sequence, head, heads, scratch) : decode<float>(a, sequence, head, heads, scratch);
    }
}

}  // namespace seal::SEAL_ISA_NAMESPACE
