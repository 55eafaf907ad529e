// P = exp(s·Q·Kᵀ - lse), dV = Pᵀ·dY, dS = P ∘ (dY·Vᵀ - rowsum(dY ∘ Y)), dQ = s·dS·K, dK = s·dSᵀ·Q. (Dao et al., arXiv 2205.14135)
// Of T rows: FLOPs 5·T²·heads·head_dim; bytes T·(4·heads + 4·kv_heads)·head_dim of the type once, the packed operands of a head in L2,
// and three sums of f32 [T, heads·head_dim] written and read.
// bf16 with VDPBF16PS: the operands as stored, P and dS rounded to bf16, everything summed in f32. Elsewhere all is widened to f32.
#include "kernels/attention_softmax.hpp"

namespace seal::SEAL_ISA_NAMESPACE {

namespace {

// Rows i and i + 1 of weights, for products along the rows; an absent row i + 1 is zero where steps are pairs.
inline void store_steps(float* to, int64_t i, int64_t j, F32 first, F32 second, bool both)
{
    store(to + i * key_block + j, first);
    if (both)
        store(to + (i + 1) * key_block + j, second);
}

// The same for products along a row. In f32 one copy serves both.
inline void store_lines(float*, int64_t, int64_t, F32, F32, bool) {}

#if defined(__AVX512BF16__)

inline void store_steps(Bf16* to, int64_t i, int64_t j, F32 first, F32 second, bool)
{
    _mm512_storeu_si512(to + i * key_block + 2 * j, pairs_of(narrow(first), narrow(second)));
}

inline void store_lines(Bf16* to, int64_t i, int64_t j, F32 first, F32 second, bool both)
{
    store(to + i * key_block + j, first);
    if (both)
        store(to + (i + 1) * key_block + j, second);
}

#endif

// A slice of scores and of dY·Vᵀ, both [rows, key_block], becomes P (in steps) and dS (in steps and lines). Query i sees first_valid + i keys.
template <typename S>
inline void differentiate_softmax(
    const SoftmaxUnits<S>& units, const float* scores, const float* dp, const float* shift, const float* along, S* p, S* ds, S* ds_lines,
    int64_t rows, int64_t columns, int64_t first_valid)
{
    for (int64_t i = 0; i < rows; i += 2) {
        const bool both = i + 1 < rows;
        const F32 shift0 = broadcast(shift[i]), along0 = broadcast(along[i]);
        const F32 shift1 = broadcast(both ? shift[i + 1] : 0), along1 = broadcast(both ? along[i + 1] : 0);
        const float* s0 = scores + i * key_block;
        const float* s1 = s0 + (both ? key_block : 0);
        const float* dp0 = dp + i * key_block;
        const float* dp1 = dp0 + (both ? key_block : 0);
        const auto take = [&](int64_t j, F32 score0, F32 score1) {
            const F32 p0 = units.weights(score0, shift0), p1 = both ? units.weights(score1, shift1) : zero();
            const F32 ds0 = p0 * (load(dp0 + j) - along0), ds1 = p1 * (load(dp1 + j) - along1);
            store_steps(p, i, j, p0, p1, both);
            store_steps(ds, i, j, ds0, ds1, both);
            store_lines(ds_lines, i, j, ds0, ds1, both);
        };
        // Up to the first row's edge both rows are open.
        int64_t j = 0;
        for (const int64_t open = first_valid + i; j + F32::lanes <= open && j < columns; j += F32::lanes)
            take(j, load(s0 + j), load(s1 + j));
        for (; j < columns; j += F32::lanes)
            take(j, masked(s0 + j, j, first_valid + i), masked(s1 + j, j, first_valid + i + 1));
    }
}

// The key blocks of one part of one head of one sequence: their share of dq, and this head's share of their dk and dv.
template <typename T>
void backward(const CausalAttentionBackward& a, const AttentionSequence& sequence, int64_t head, int64_t part, float* scratch)
{
    using S = Stored<T>;
    constexpr int64_t step = step_of<S>;
    const AttentionShape& shape = a.shape;
    const SoftmaxUnits<S> units(a.scale);
    const int64_t width = shape.width(), d = shape.head_dim, stride = shape.heads * d, length = sequence.length;
    const int64_t kv_place = ((head / shape.group()) * a.packed_rows + sequence.packed_row) * width;
    const int64_t row = head * a.packed_rows + sequence.packed_row, place = row * width;
    const int64_t offset = sequence.start * stride + head * d, inner = (d + step - 1) / step;
    const S* key_rows = static_cast<const S*>(a.key_rows) + kv_place;
    const S* key_columns = static_cast<const S*>(a.key_columns) + kv_place;
    const S* value_columns = static_cast<const S*>(a.value_columns) + kv_place;
    const S* query_rows = static_cast<const S*>(a.query_rows) + place;
    const S* dy_rows = static_cast<const S*>(a.dy_rows) + place;
    float* dq = a.dq_parts + part * shape.heads * a.packed_rows * width + place;

    float* scores = scratch;
    float* dp = scores + slice_rows * key_block;
    S* queries = reinterpret_cast<S*>(dp + slice_rows * key_block);
    S* dys = queries + query_block * width;
    S* p = dys + query_block * width;
    S* ds = p + query_block * key_block;
    S* ds_lines = step == 1 ? ds : ds + query_block * key_block;

    for (int64_t number = 0, j = 0; j < length; number++, j += key_block) {
        if (part_of(number) != part)
            continue;
        const int64_t keys = length - j < key_block ? length - j : key_block, block = padded(keys);
        float* dk = a.dk_heads + place + j * width;
        float* dv = a.dv_heads + place + j * width;
        for (int64_t from = j; from < length; from += query_block) {
            const int64_t rows = length - from < query_block ? length - from : query_block;
            as_lines(static_cast<const T*>(a.q) + offset + from * stride, stride, queries, width, rows, d, units.query_factor);
            as_lines(static_cast<const T*>(a.dy) + offset + from * stride, stride, dys, width, rows, d, 1);
            for (int64_t i = 0; i < rows; i += slice_rows) {
                const int64_t slice = rows - i < slice_rows ? rows - i : slice_rows, columns = from > j ? block : padded(i + slice);
                small_product({queries + i * width, width, step}, key_columns + j * width, block * step, scores, key_block, slice, columns, inner, false);
                small_product({dys + i * width, width, step}, value_columns + j * width, block * step, dp, key_block, slice, columns, inner, false);
                differentiate_softmax(units, scores, dp, a.shift + row + from + i, a.along + row + from + i, p + i * key_block,
                    ds + i * key_block, ds_lines + i * key_block, slice, columns, from + i + 1 - j);
                small_product({ds_lines + i * key_block, key_block, step}, key_rows + j * width, width * step, dq + (from + i) * width, width,
                    slice, width, columns / step, number > part);
            }
            // On the diagonal the queries before a slice of keys see none of it.
            const int64_t together = from > j ? keys : slice_rows;
            for (int64_t key = 0; key < keys; key += together) {
                const int64_t slice = keys - key < together ? keys - key : together, first = from > j ? 0 : key;
                const int64_t at = key * step + first * key_block, b = (from + first) * width, steps = (rows - first + step - 1) / step;
                small_product({p + at, step, step * key_block}, dy_rows + b, width * step, dv + key * width, width, slice, width, steps, from > j);
                small_product({ds + at, step, step * key_block}, query_rows + b, width * step, dk + key * width, width, slice, width, steps, from > j);
            }
        }
    }
}

// One head of dq: its parts, in their order.
template <typename T>
void sum_parts(const CausalAttentionBackward& a, const AttentionSequence& sequence, int64_t head)
{
    const AttentionShape& shape = a.shape;
    const int64_t width = shape.width(), d = shape.head_dim, stride = shape.heads * d, between = shape.heads * a.packed_rows * width;
    for (int64_t row = 0; row < sequence.length; row++) {
        const float* first = a.dq_parts + (head * a.packed_rows + sequence.packed_row + row) * width;
        T* out = static_cast<T*>(a.dq) + (sequence.start + row) * stride + head * d;
        for (int64_t i = 0; i < d; i += F32::lanes) {
            // The second part starts with the second key block.
            const F32 total = row < key_block ? load(first + i) : load(first + i) + load(first + between + i);
            store_part(out + i, total * broadcast(a.scale), d - i);
        }
    }
}

// One kv head of dk or dv: the shares of its query heads, in their order, rounded once.
template <typename T>
void sum_shares(const CausalAttentionBackward& a, const float* shares, void* to, const AttentionSequence& sequence, int64_t kv_head, float factor)
{
    const AttentionShape& shape = a.shape;
    const int64_t width = shape.width(), d = shape.head_dim, stride = shape.kv_heads * d, group = shape.group();
    const int64_t between = a.packed_rows * width;
    for (int64_t row = 0; row < sequence.length; row++) {
        const float* first = shares + kv_head * group * between + (sequence.packed_row + row) * width;
        T* out = static_cast<T*>(to) + (sequence.start + row) * stride + kv_head * d;
        for (int64_t i = 0; i < d; i += F32::lanes) {
            F32 total = load(first + i);
            for (int64_t member = 1; member < group; member++)
                total = total + load(first + member * between + i);
            store_part(out + i, total * broadcast(factor), d - i);
        }
    }
}

template <typename T>
void sum_gradients(const CausalAttentionBackward& a, const AttentionSequence& sequence, int64_t index)
{
    const int64_t heads = a.shape.heads, kv_heads = a.shape.kv_heads;
    if (index < heads)
        sum_parts<T>(a, sequence, index);
    else if (index < heads + kv_heads)
        sum_shares<T>(a, a.dk_heads, a.dk, sequence, index - heads, a.scale);
    else
        sum_shares<T>(a, a.dv_heads, a.dv, sequence, index - heads - kv_heads, 1);
}

}  // namespace

void causal_attention_backward(const CausalAttentionBackward& a, const AttentionSequence& sequence, int64_t head, int64_t part, float* scratch)
{
    a.shape.type == SEAL_BF16 ? backward<Bf16>(a, sequence, head, part, scratch) : backward<float>(a, sequence, head, part, scratch);
}

void sum_attention_gradients(const CausalAttentionBackward& a, const AttentionSequence& sequence, int64_t index)
{
    a.shape.type == SEAL_BF16 ? sum_gradients<Bf16>(a, sequence, index) : sum_gradients<float>(a, sequence, index);
}

}  // namespace seal::SEAL_ISA_NAMESPACE
