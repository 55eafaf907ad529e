// Y = softmax(s·Q·Kᵀ)·V of each head, causal, a block of 64 queries against blocks of 64 keys with a running softmax (Dao et al.,
// arXiv 2205.14135). On the diagonal slices of 16 queries multiply only the keys that they see.
// Of T rows: FLOPs 2·T²·heads·head_dim; bytes T·(2·heads + 2·kv_heads)·head_dim of the type once, and K and V packed in L2.
// bf16 with VDPBF16PS: Q, K, V as stored, weights rounded to bf16, everything summed in f32. Elsewhere all is widened to f32.
#include "kernels/attention_softmax.hpp"

namespace seal::SEAL_ISA_NAMESPACE {

namespace {

// The blocks of key_block rows of a head's columns, one after another.
template <typename T>
void columns_of_blocks(const T* source, int64_t stride, Stored<T>* to, int64_t width, int64_t length, int64_t n)
{
    for (int64_t j = 0; j < length; j += key_block) {
        const int64_t left = length - j;
        as_columns(source + j * stride, stride, to + j * width, width, left < key_block ? left : key_block, n);
    }
}

template <typename T>
void pack(const CausalAttention& a, const AttentionSequence& sequence, int64_t kv_head, bool values)
{
    const int64_t width = a.shape.width(), d = a.shape.head_dim, stride = a.shape.kv_heads * d;
    const int64_t place = (kv_head * a.packed_rows + sequence.packed_row) * width, offset = sequence.start * stride + kv_head * d;
    if (values)
        as_rows(static_cast<const T*>(a.v) + offset, stride, static_cast<Stored<T>*>(a.value_rows) + place, width, sequence.length, d);
    else
        columns_of_blocks(static_cast<const T*>(a.k) + offset, stride, static_cast<Stored<T>*>(a.key_columns) + place, width, sequence.length, d);
}

// Query rows from .. from + query_block of one head of one sequence.
template <typename T>
void forward(const CausalAttention& a, const AttentionSequence& sequence, int64_t head, int64_t from, float* scratch)
{
    using S = Stored<T>;
    constexpr int64_t step = step_of<S>;
    const AttentionShape& shape = a.shape;
    const SoftmaxUnits<S> units(a.scale);
    const int64_t width = shape.width(), d = shape.head_dim, stride = shape.heads * d;
    const int64_t to = from + query_block < sequence.length ? from + query_block : sequence.length, rows = to - from;
    const int64_t place = ((head / shape.group()) * a.packed_rows + sequence.packed_row) * width;
    const int64_t offset = (sequence.start + from) * stride + head * d;
    const S* key_columns = static_cast<const S*>(a.key_columns) + place;
    const S* value_rows = static_cast<const S*>(a.value_rows) + place;
    float* mixed = scratch;
    float* scores = mixed + query_block * width;
    S* weights = reinterpret_cast<S*>(scores + slice_rows * key_block);
    S* queries = reinterpret_cast<S*>(scores + 2 * slice_rows * key_block);
    RunningSoftmax softmax;

    as_lines(static_cast<const T*>(a.q) + offset, stride, queries, width, rows, d, units.query_factor);
    for (int64_t j = 0; j < to; j += key_block) {
        const int64_t left = sequence.length - j, block = padded(left < key_block ? left : key_block);
        for (int64_t row = 0; row < rows; row += slice_rows) {
            const int64_t slice = rows - row < slice_rows ? rows - row : slice_rows;
            const int64_t columns = j < from ? key_block : padded(row + slice);
            small_product({queries + row * width, width, step}, key_columns + j * width, block * step, scores, key_block, slice, columns, (d + step - 1) / step, false);
            softmax_slice(units, softmax, row, scores, weights, mixed, width, slice, columns, from + row + 1 - j, j == 0);
            small_product({weights, key_block, step}, value_rows + j * width, width * step, mixed + row * width, width, slice, width, columns / step, j > 0);
        }
    }
    for (int64_t i = 0; i < rows; i++) {
        const float total = sum(load(softmax.sums[i]));
        for (int64_t j = 0; j < width; j += F32::lanes)
            store(mixed + i * width + j, load(mixed + i * width + j) / broadcast(total));
        if (a.log_sum_exp != nullptr)
            a.log_sum_exp[(sequence.start + from + i) * shape.heads + head] = units.natural(softmax.shift[i]) + log(total);
    }
    pack_rows(mixed, width, static_cast<T*>(a.y) + offset, stride, rows, d, 1);
}

template <typename T>
void pack_backward(const CausalAttentionBackward& a, const AttentionSequence& sequence, int64_t index)
{
    using S = Stored<T>;
    const AttentionShape& shape = a.shape;
    const bool query = index < shape.heads;
    const int64_t head = query ? index : index - shape.heads, width = shape.width(), d = shape.head_dim, length = sequence.length;
    const int64_t stride = (query ? shape.heads : shape.kv_heads) * d, offset = sequence.start * stride + head * d;
    const int64_t row = head * a.packed_rows + sequence.packed_row, place = row * width;
    if (!query) {
        const T* k = static_cast<const T*>(a.k) + offset;
        const T* v = static_cast<const T*>(a.v) + offset;
        fetch_rows(k, stride, length, d);
        fetch_rows(v, stride, length, d);
        as_rows(k, stride, static_cast<S*>(a.key_rows) + place, width, length, d);
        columns_of_blocks(k, stride, static_cast<S*>(a.key_columns) + place, width, length, d);
        columns_of_blocks(v, stride, static_cast<S*>(a.value_columns) + place, width, length, d);
        return;
    }
    const SoftmaxUnits<S> units(a.scale);
    const T* dy = static_cast<const T*>(a.dy) + offset;
    const T* y = static_cast<const T*>(a.y) + offset;
    const T* q = static_cast<const T*>(a.q) + offset;
    fetch_rows(q, stride, length, d);
    fetch_rows(dy, stride, length, d);
    fetch_rows(y, stride, length, d);
    as_rows(q, stride, static_cast<S*>(a.query_rows) + place, width, length, d);
    as_rows(dy, stride, static_cast<S*>(a.dy_rows) + place, width, length, d);
    for (int64_t i = 0; i < length; i++) {
        F32 total = zero();
        for (int64_t j = 0; j < d; j += F32::lanes)
            total = fma(load_part(dy + i * stride + j, d - j), load_part(y + i * stride + j, d - j), total);
        a.along[row + i] = sum(total);
        a.shift[row + i] = units.shift_of_log_sum_exp(a.log_sum_exp[(sequence.start + i) * shape.heads + head]);
    }
}

}  // namespace

void pack_attention(const CausalAttention& a, const AttentionSequence& sequence, int64_t kv_head, bool values)
{
    a.shape.type == SEAL_BF16 ? pack<Bf16>(a, sequence, kv_head, values) : pack<float>(a, sequence, kv_head, values);
}

void pack_attention_backward(const CausalAttentionBackward& a, const AttentionSequence& sequence, int64_t index)
{
    a.shape.type == SEAL_BF16 ? pack_backward<Bf16>(a, sequence, index) : pack_backward<float>(a, sequence, index);
}

void causal_attention(const CausalAttention& a, const AttentionSequence& sequence, int64_t head, int64_t from, float* scratch)
{
    a.shape.type == SEAL_BF16 ? forward<Bf16>(a, sequence, head, from, scratch) : forward<float>(a, sequence, head, from, scratch);
}

}  // namespace seal::SEAL_ISA_NAMESPACE
