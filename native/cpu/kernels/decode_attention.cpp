#include "kernels/decode_pairs.hpp"
#include "kernels/decode_rows.hpp"

namespace seal::SEAL_ISA_NAMESPACE {

namespace {

// Query heads first .. first + count, at most a query block of them, and the kv heads that they share.
struct Heads {
    int64_t first, count, group;

    int64_t kv_first() const { return first / group; }
    int64_t kv_last() const { return (first + count + group - 1) / group; }

    // Those of one kv head, counted from `first`.
    int64_t begin(int64_t kv_head) const { return kv_head * group > first ? kv_head * group - first : 0; }
    int64_t end(int64_t kv_head) const { return (kv_head + 1) * group < first + count ? (kv_head + 1) * group - first : count; }
};

// Rows from .. from + rows of a sequence in a cache, page by page: visit(first row's element 0, first row, rows).
template <typename T, typename Visit>
inline void each_piece(const DecodeAttention& a, const DecodeSequence& sequence, const void* cache, int64_t from, int64_t rows, Visit visit)
{
    for (int64_t row = 0; row < rows;) {
        const int64_t page = (from + row) / a.page_size, in_page = (from + row) % a.page_size, left = a.page_size - in_page, count = rows - row < left ? rows - row : left;
        visit(static_cast<const T*>(cache) + (sequence.pages[page] * a.page_size + in_page) * a.shape.kv_heads * a.shape.head_dim, row, count);
        row += count;
    }
}

// Keys and values are read where they are. While a block's keys are multiplied its values are on their way, and while those are mixed, the
// keys of the next block, or of the thread's next sequence.
template <typename T, typename Rows>
void decode(const DecodeAttention& a, const DecodeSequence& sequence, const DecodeSequence* next, const Heads& heads, const Rows& of, float* scratch)
{
    const AttentionShape& shape = a.shape;
    const int64_t width = shape.width(), d = shape.head_dim, stride = shape.kv_heads * d, n = heads.count;
    const int64_t q_offset = sequence.row * shape.heads * d + heads.first * d, kv_offset = heads.kv_first() * d, kv_count = heads.kv_last() - heads.kv_first();
    const T* queries = static_cast<const T*>(a.q) + q_offset;
    float* mixed = scratch;
    float* scores = mixed + n * width;

    for (int64_t i = 0; i < n * width; i++)
        mixed[i] = 0;
    Softmax softmax;
    softmax.clear();
    for (int64_t j = 0; j < sequence.length; j += key_block) {
        const int64_t rows = sequence.length - j < key_block ? sequence.length - j : key_block;
        const bool last = j + key_block >= sequence.length;
        RowsAhead<T> values_ahead(a, sequence, a.values, j, rows, kv_offset, kv_count * d, static_cast<float>(n) / F32::lanes);
        each_piece<T>(a, sequence, a.keys, j, rows, [&](const T* keys, int64_t row, int64_t count) {
            for (int64_t kv_head = heads.kv_first(); kv_head < heads.kv_last(); kv_head++) {
                const int64_t head = heads.begin(kv_head);
                of.score(queries + head * d, heads.end(kv_head) - head, keys + kv_head * d, stride, count, a.scale, scores + head * key_block + row, values_ahead);
            }
        });
        softmax_block(softmax, scores, mixed, width, n, padded(rows), rows, 0);
        RowsAhead<T> keys_ahead;
        if (const DecodeSequence* following = last ? next : &sequence; following != nullptr) {
            const int64_t from = last ? 0 : j + key_block, left = following->length - from;
            keys_ahead = RowsAhead<T>(a, *following, a.keys, from, left < key_block ? left : key_block, kv_offset, kv_count * d, static_cast<float>(kv_count));
        }
        each_piece<T>(a, sequence, a.values, j, rows, [&](const T* values, int64_t row, int64_t count) {
            for (int64_t kv_head = heads.kv_first(); kv_head < heads.kv_last(); kv_head++) {
                const int64_t head = heads.begin(kv_head);
                of.mix(scores + head * key_block + row, heads.end(kv_head) - head, values + kv_head * d, stride, count, mixed + head * width, width, keys_ahead);
            }
        });
    }
    for (int64_t head = 0; head < n; head++)
        of.finish(mixed + head * width, softmax.sum[head], static_cast<T*>(a.y) + q_offset + head * d);
}

void decode_bf16(const DecodeAttention& a, const DecodeSequence& sequence, const DecodeSequence* next, const Heads& heads, float* scratch)
{
#if defined(__AVX512BF16__)
    switch (a.shape.head_dim) {
    case 32:
        return decode<Bf16>(a, sequence, next, heads, PairRows<1>{}, scratch);
    case 64:
        return decode<Bf16>(a, sequence, next, heads, PairRows<2>{}, scratch);
    case 96:
        return decode<Bf16>(a, sequence, next, heads, PairRows<3>{}, scratch);
    case 128:
        return decode<Bf16>(a, sequence, next, heads, PairRows<4>{}, scratch);
    default:
        break;
    }
#endif
    decode<Bf16>(a, sequence, next, heads, DecodeRows<Bf16>{a.shape.head_dim}, scratch);
}

}  // namespace

void decode_attention(const DecodeAttention& a, const DecodeSequence& sequence, const DecodeSequence* next, int64_t kv_first, int64_t kv_last, float* scratch)
{
    const int64_t group = a.shape.group(), last = kv_last * group;
    for (int64_t head = kv_first * group; head < last; head += query_block) {
        const Heads heads{head, last - head < query_block ? last - head : query_block, group};
        if (a.shape.type == SEAL_BF16)
            decode_bf16(a, sequence, next, heads, scratch);
        else
            decode<float>(a, sequence, next, heads, DecodeRows<float>{a.shape.head_dim}, scratch);
    }
}

}  // namespace seal::SEAL_ISA_NAMESPACE
