// P = exp(S - lse), dV = Pᵀ·dY, dS = P ∘ (dY·Vᵀ - rowsum(dY ∘ Y)), dQ = s·dS·K, dK = dSᵀ·(s·Q). (Dao et al., arXiv 2205.14135)
#include "kernels/attention_rows.hpp"
#include "kernels/small_product.hpp"

namespace seal::SEAL_ISA_NAMESPACE {

namespace {

// rowsum(dY ∘ Y)
template <typename T>
float along(const float* dy, const T* y, int64_t n)
{
    F32 total{};
    for (int64_t i = 0; i < n; i += F32::lanes)
        total = fma(load(dy + i), load_part(y + i, n - i), total);
    return sum(total);
}

// Scores become P, and dY·Vᵀ becomes dS, for query rows from `from` on against keys from `first_key` on.
void differentiate_softmax(
    float* p, float* ds, const float* log_sum_exp, int64_t lse_stride, const float* along, int64_t from, int64_t first_key, int64_t rows, int64_t columns)
{
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < columns; j += F32::lanes) {
            const int64_t at = i * key_block + j;
            const F32 weights = exp(masked(p + at, j, from + i + 1 - first_key) - broadcast(log_sum_exp[i * lse_stride]));
            store(p + at, weights);
            store(ds + at, weights * (load(ds + at) - broadcast(along[i])));
        }
}

// One head of one sequence: dq, and this head's share of dk and dv.
template <typename T>
void backward(const CausalAttentionBackward& a, const AttentionSequence& sequence, int64_t head, float* scratch)
{
    const AttentionShape& shape = a.shape;
    const int64_t width = shape.width(), d = shape.head_dim, stride = shape.heads * d, length = sequence.length;
    const int64_t packed = ((head / shape.group()) * a.packed_rows + sequence.packed_row) * width;
    const int64_t own = (head * a.packed_rows + sequence.packed_row) * width;
    const int64_t offset = sequence.start * stride + head * d;
    const float* log_sum_exp = a.log_sum_exp + sequence.start * shape.heads + head;
    float* queries = scratch;
    float* dy = queries + length * width;
    float* dq = dy + length * width;
    float* dot = dq + length * width;
    float* p = dot + padded(length);
    float* ds = p + query_block * key_block;

    unpack_rows(static_cast<const T*>(a.q) + offset, stride, queries, width, length, d, a.scale);
    unpack_rows(static_cast<const T*>(a.dy) + offset, stride, dy, width, length, d, 1);
    for (int64_t i = 0; i < length; i++)
        dot[i] = along(dy + i * width, static_cast<const T*>(a.y) + offset + i * stride, d);

    for (int64_t j = 0; j < length; j += key_block) {
        const int64_t block = length - j < key_block ? length - j : key_block;
        float* dk = a.dk_heads + own + j * width;
        float* dv = a.dv_heads + own + j * width;
        for (int64_t from = j; from < length; from += query_block) {
            const int64_t to = from + query_block < length ? from + query_block : length, rows = to - from;
            // On the diagonal a block's later keys are no one's yet.
            const int64_t keys = to - j < block ? to - j : block, columns = padded(keys);
            small_product({queries + from * width, width, 1}, a.key_columns + packed + j * width, padded(block), p, key_block, rows, columns, d, false);
            small_product({dy + from * width, width, 1}, a.value_columns + packed + j * width, padded(block), ds, key_block, rows, columns, d, false);
            differentiate_softmax(p, ds, log_sum_exp + from * shape.heads, shape.heads, dot + from, from, j, rows, columns);
            const bool later = from > j;
            if (!later)
                for (int64_t i = keys * width; i < block * width; i++)
                    dk[i] = dv[i] = 0;
            small_product({p, 1, key_block}, dy + from * width, width, dv, width, keys, width, rows, later);
            small_product({ds, 1, key_block}, queries + from * width, width, dk, width, keys, width, rows, later);
            small_product({ds, key_block, 1}, a.key_rows + packed + j * width, width, dq + from * width, width, rows, width, keys, j > 0);
        }
    }
    pack_rows(dq, width, static_cast<T*>(a.dq) + offset, stride, length, d, a.scale);
}

// One kv head of one sequence: the shares of its query heads, summed in their order, rounded once.
template <typename T>
void sum_shares(const CausalAttentionBackward& a, const float* shares, void* to, const AttentionSequence& sequence, int64_t kv_head)
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
            store_part(out + i, total, d - i);
        }
    }
}

}  // namespace

void causal_attention_backward(const CausalAttentionBackward& a, const AttentionSequence& sequence, int64_t head, float* scratch)
{
    a.shape.type == SEAL_BF16 ? backward<Bf16>(a, sequence, head, scratch) : backward<float>(a, sequence, head, scratch);
}

void sum_kv_gradients(const CausalAttentionBackward& a, const AttentionSequence& sequence, int64_t kv_head)
{
    const auto sum = a.shape.type == SEAL_BF16 ? sum_shares<Bf16> : sum_shares<float>;
    sum(a, a.dk_heads, a.dk, sequence, kv_head);
    sum(a, a.dv_heads, a.dv, sequence, kv_head);
}

}  // namespace seal::SEAL_ISA_NAMESPACE
