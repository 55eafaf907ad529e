#include "kernels/attention_rows.hpp"
#include "kernels/small_product.hpp"

namespace seal::SEAL_ISA_NAMESPACE {

namespace {

template <typename T>
void transpose_block(const T* from, int64_t from_stride, float* to, int64_t rows, int64_t n, int64_t width)
{
    const int64_t columns = padded(rows);
    for (int64_t i = 0; i < width * columns; i++)
        to[i] = 0;
    for (int64_t i = 0; i < n; i += F32::lanes)
        for (int64_t row = 0; row < rows; row++) {
            float values[F32::lanes];
            store(values, load_part(from + row * from_stride + i, n - i));
            for (int64_t j = 0; j < F32::lanes && i + j < n; j++)
                to[(i + j) * columns + row] = values[j];
        }
}

template <typename T>
void pack(const AttentionShape& shape, int64_t packed_rows, const PackedOperand& operand, const AttentionSequence& sequence, int64_t head)
{
    const int64_t stride = shape.kv_heads * shape.head_dim, width = shape.width();
    const int64_t place = (head * packed_rows + sequence.packed_row) * width;
    const T* source = static_cast<const T*>(operand.source) + sequence.start * stride + head * shape.head_dim;
    if (operand.rows != nullptr)
        unpack_rows(source, stride, operand.rows + place, width, sequence.length, shape.head_dim, 1);
    for (int64_t j = 0; j < sequence.length && operand.columns != nullptr; j += key_block) {
        const int64_t left = sequence.length - j;
        transpose_block(source + j * stride, stride, operand.columns + place + j * width, left < key_block ? left : key_block, shape.head_dim, width);
    }
}

// Query rows from .. from + query_block of one head of one sequence.
template <typename T>
void forward(const CausalAttention& a, const AttentionSequence& sequence, int64_t head, int64_t from, float* scratch)
{
    const AttentionShape& shape = a.shape;
    const int64_t width = shape.width(), d = shape.head_dim, stride = shape.heads * d;
    const int64_t to = from + query_block < sequence.length ? from + query_block : sequence.length, rows = to - from;
    const int64_t place = ((head / shape.group()) * a.packed_rows + sequence.packed_row) * width;
    float* queries = scratch;
    float* mixed = queries + query_block * width;
    float* scores = mixed + query_block * width;

    unpack_rows(static_cast<const T*>(a.q) + (sequence.start + from) * stride + head * d, stride, queries, width, rows, d, a.scale);
    for (int64_t i = 0; i < rows * width; i++)
        mixed[i] = 0;
    Softmax softmax;
    softmax.clear();
    for (int64_t j = 0; j < to; j += key_block) {
        const int64_t left = sequence.length - j, block = left < key_block ? left : key_block;
        const int64_t keys = to - j < key_block ? to - j : key_block;
        small_product({queries, width, 1}, a.key_columns + place + j * width, padded(block), scores, key_block, rows, padded(keys), d, false);
        softmax_block(softmax, scores, mixed, width, rows, padded(keys), from + 1 - j, 1);
        small_product({scores, key_block, 1}, a.value_rows + place + j * width, width, mixed, width, rows, width, keys, true);
    }
    for (int64_t i = 0; i < rows; i++) {
        for (int64_t j = 0; j < width; j += F32::lanes)
            store(mixed + i * width + j, load(mixed + i * width + j) / broadcast(softmax.sum[i]));
        if (a.log_sum_exp != nullptr)
            a.log_sum_exp[(sequence.start + from + i) * shape.heads + head] = softmax.largest[i] + log(softmax.sum[i]);
    }
    pack_rows(mixed, width, static_cast<T*>(a.y) + (sequence.start + from) * stride + head * d, stride, rows, d, 1);
}

}  // namespace

void pack_attention(const AttentionShape& shape, int64_t packed_rows, const PackedOperand& operand, const AttentionSequence& sequence, int64_t head)
{
    shape.type == SEAL_BF16 ? pack<Bf16>(shape, packed_rows, operand, sequence, head) : pack<float>(shape, packed_rows, operand, sequence, head);
}

void causal_attention(const CausalAttention& a, const AttentionSequence& sequence, int64_t head, int64_t from, float* scratch)
{
    a.shape.type == SEAL_BF16 ? forward<Bf16>(a, sequence, head, from, scratch) : forward<float>(a, sequence, head, from, scratch);
}

}  // namespace seal::SEAL_ISA_NAMESPACE
