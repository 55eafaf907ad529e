#include "kernels/attention_rows.hpp"
#include "kernels/small_product.hpp"

namespace seal::SEAL_ISA_NAMESPACE {

namespace {

template <typename T>
float dot(const float* query, const T* key, int64_t n)
{
    F32 total{};
    for (int64_t i = 0; i < n; i += F32::lanes)
        total = fma(load(query + i), load_part(key + i, n - i), total);
    return sum(total);
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
        for (int64_t row = 0; row < rows; row++) {
            const int64_t position = j + row;
            const int64_t cached = (sequence.pages[position / a.page_size] * a.page_size + position % a.page_size) * stride + kv_offset;
            for (int64_t head = 0; head < heads; head++)
                scores[head * key_block + row] = dot(queries + head * width, static_cast<const T*>(a.keys) + cached, d);
            unpack_rows(static_cast<const T*>(a.values) + cached, stride, block + row * width, width, 1, d, 1);
        }
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
