#include "kernels/attention_rows.hpp"
#include "kernels/prefetch.hpp"
#include "kernels/sum_lanes.hpp"

namespace seal::SEAL_ISA_NAMESPACE {

namespace {

// q·k over d elements, still to be summed over the lanes.
template <typename T>
inline F32 dot(const T* q, const T* k, int64_t d)
{
    F32 total = zero();
    for (int64_t i = 0; i < d; i += F32::lanes)
        total = fma(load_part(q + i, d - i), load_part(k + i, d - i), total);
    return total;
}

#if defined(__AVX512BF16__)

inline F32 dot(const Bf16* q, const Bf16* k, int64_t d)
{
    __m512 total = _mm512_setzero_ps();
    for (int64_t i = 0; i < d; i += 32) {
        const __mmask32 there = d - i >= 32 ? ~__mmask32{0} : (__mmask32{1} << (d - i)) - 1;
        const auto pairs = [&](const Bf16* p) { return __builtin_bit_cast(__m512bh, _mm512_maskz_loadu_epi16(there, p + i)); };
        total = _mm512_dpbf16_ps(total, pairs(q), pairs(k));
    }
    return {total};
}

#endif

// mixed [Heads, width] += weights·values over a piece's rows, Registers registers of each head from `left` columns of storage on.
template <int Heads, int Registers, typename T>
void mix_tile(const float* weights, const T* values, int64_t stride, int64_t rows, int64_t left, float* mixed, int64_t width)
{
    F32 sums[Heads][Registers];
#pragma GCC unroll 4
    for (int head = 0; head < Heads; head++)
#pragma GCC unroll 4
        for (int i = 0; i < Registers; i++)
            sums[head][i] = load(mixed + head * width + i * F32::lanes);
    for (int64_t row = 0; row < rows; row++, values += stride) {
        F32 value[Registers];
#pragma GCC unroll 4
        for (int i = 0; i < Registers; i++)
            value[i] = i + 1 < Registers ? load(values + i * F32::lanes) : load_part(values + i * F32::lanes, left - i * F32::lanes);
#pragma GCC unroll 4
        for (int head = 0; head < Heads; head++)
#pragma GCC unroll 4
            for (int i = 0; i < Registers; i++)
                sums[head][i] = fma(broadcast(weights[head * key_block + row]), value[i], sums[head][i]);
    }
#pragma GCC unroll 4
    for (int head = 0; head < Heads; head++)
#pragma GCC unroll 4
        for (int i = 0; i < Registers; i++)
            store(mixed + head * width + i * F32::lanes, sums[head][i]);
}

constexpr int mix_registers = F32::lanes == 16 ? 4 : 2, mix_heads = 4;

template <int Heads, int Registers, typename T>
void mix_columns(const float* weights, const T* values, int64_t stride, int64_t rows, int64_t d, float* mixed, int64_t width)
{
    constexpr int64_t step = Registers * F32::lanes;
    for (; d > step - F32::lanes; d -= step, values += step, mixed += step)
        mix_tile<Heads, Registers>(weights, values, stride, rows, d, mixed, width);
    if constexpr (Registers > 1)
        if (d > 0)
            mix_columns<Heads, Registers - 1>(weights, values, stride, rows, d, mixed, width);
}

template <typename T, int Heads = mix_heads>
void mix(const float* weights, const T* values, int64_t stride, int64_t rows, int64_t d, float* mixed, int64_t width, int64_t heads)
{
    for (; heads >= Heads; heads -= Heads, weights += Heads * key_block, mixed += Heads * width)
        mix_columns<Heads, mix_registers>(weights, values, stride, rows, d, mixed, width);
    if constexpr (Heads > 1)
        if (heads > 0)
            mix<T, Heads - 1>(weights, values, stride, rows, d, mixed, width, heads);
}

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

template <typename T>
[[gnu::always_inline]] inline void fetch(const T* from, int64_t n)
{
    for (int64_t i = 0; i < n; i += 64 / static_cast<int64_t>(sizeof(T)))
        prefetch(from + i);
}

// scores[head][j] = scale·q·k_j for the rows of a piece, row by row, so that memory is read from end to end. `parts` holds a register
// for every head and row of lanes; before(row) comes before each.
template <typename T, typename Before>
void score(const DecodeAttention& a, const Heads& heads, const T* queries, const T* keys, int64_t rows, float* parts, float* scores, Before before)
{
    const int64_t d = a.shape.head_dim, stride = a.shape.kv_heads * d;
    for (int64_t j = 0; j < rows; j += F32::lanes) {
        const int64_t count = rows - j < F32::lanes ? rows - j : F32::lanes;
        for (int64_t k = 0; k < count; k++) {
            before(j + k);
            for (int64_t kv_head = heads.kv_first(); kv_head < heads.kv_last(); kv_head++)
                for (int64_t head = heads.begin(kv_head); head < heads.end(kv_head); head++)
                    store(parts + (head * F32::lanes + k) * F32::lanes, dot(queries + head * d, keys + (j + k) * stride + kv_head * d, d));
        }
        for (int64_t head = 0; head < heads.count; head++) {
            F32 totals[F32::lanes];
            for (int64_t k = 0; k < F32::lanes; k++)
                totals[k] = k < count ? load(parts + (head * F32::lanes + k) * F32::lanes) : zero();
            store_part(scores + head * key_block + j, sum_each(totals) * broadcast(a.scale), count);
        }
    }
}

// Keys and values are read where they are. While a block's keys are multiplied its values are on their way, and while those are mixed, the
// keys of the next block, or of the thread's next sequence.
template <typename T>
void decode(const DecodeAttention& a, const DecodeSequence& sequence, const DecodeSequence* next, const Heads& heads, float* scratch)
{
    const AttentionShape& shape = a.shape;
    const int64_t width = shape.width(), d = shape.head_dim, stride = shape.kv_heads * d, n = heads.count;
    const int64_t q_offset = sequence.row * shape.heads * d + heads.first * d, kv_offset = heads.kv_first() * d, kv_width = (heads.kv_last() - heads.kv_first()) * d;
    const T* queries = static_cast<const T*>(a.q) + q_offset;
    float* mixed = scratch;
    float* scores = mixed + n * width;
    float* parts = scores + n * key_block;

    for (int64_t i = 0; i < n * width; i++)
        mixed[i] = 0;
    Softmax softmax;
    softmax.clear();
    for (int64_t j = 0; j < sequence.length; j += key_block) {
        const int64_t rows = sequence.length - j < key_block ? sequence.length - j : key_block;
        const bool last = j + key_block >= sequence.length;
        each_piece<T>(a, sequence, a.keys, j, rows, [&](const T* keys, int64_t row, int64_t count) {
            const T* values = static_cast<const T*>(a.values) + (keys - static_cast<const T*>(a.keys)) + kv_offset;
            score(a, heads, queries, keys, count, parts, scores + row, [&](int64_t i) { fetch(values + i * stride, kv_width); });
        });
        softmax_block(softmax, scores, mixed, width, n, padded(rows), rows, 0);
        const DecodeSequence* ahead = last ? next : &sequence;
        if (ahead != nullptr) {
            const int64_t from = last ? 0 : j + key_block, left = ahead->length - from;
            each_piece<T>(a, *ahead, a.keys, from, left < key_block ? left : key_block, [&](const T* keys, int64_t, int64_t count) {
                for (int64_t i = 0; i < count; i++)
                    fetch(keys + i * stride + kv_offset, kv_width);
            });
        }
        each_piece<T>(a, sequence, a.values, j, rows, [&](const T* values, int64_t row, int64_t count) {
            for (int64_t kv_head = heads.kv_first(); kv_head < heads.kv_last(); kv_head++) {
                const int64_t head = heads.begin(kv_head);
                mix(scores + head * key_block + row, values + kv_head * d, stride, count, d, mixed + head * width, width, heads.end(kv_head) - head);
            }
        });
    }
    for (int64_t head = 0; head < n; head++)
        for (int64_t i = 0; i < width; i += F32::lanes)
            store(mixed + head * width + i, load(mixed + head * width + i) / broadcast(softmax.sum[head]));
    pack_rows(mixed, width, static_cast<T*>(a.y) + q_offset, d, n, d, 1);
}

}  // namespace

void decode_attention(const DecodeAttention& a, const DecodeSequence& sequence, const DecodeSequence* next, int64_t kv_first, int64_t kv_last, float* scratch)
{
    const int64_t group = a.shape.group(), last = kv_last * group;
    for (int64_t head = kv_first * group; head < last; head += query_block) {
        const Heads heads{head, last - head < query_block ? last - head : query_block, group};
        a.shape.type == SEAL_BF16 ? decode<Bf16>(a, sequence, next, heads, scratch) : decode<float>(a, sequence, next, heads, scratch);
    }
}

}  // namespace seal::SEAL_ISA_NAMESPACE
