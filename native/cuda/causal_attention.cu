// y = softmax(q·kᵀ·scale)·v within each sequence and above its diagonal, with a running maximum and sum a row: nothing of size T x T.
// A block has 32 queries of one head and goes through the keys up to them, 32 at a time, a sequence's last queries first.
// FLOPs: 2·T·(T + 1)·head_dim a head. Bytes: q and y once, k and v once every 32 queries and head of a group.
#include "attention_shape.hpp"

namespace seal::cuda {

namespace {

template <typename T, int32_t Dim>
constexpr int64_t forward_bytes = 3 * head_tile<T, Dim> * sizeof(T) + attention_rows * (score_pitch<float> * 4 + score_pitch<T> * sizeof(T) + 3 * 4) + 64;

template <typename T, int32_t Dim>
struct CausalAttentionKernel {
    Global<const T> q, k, v;
    AttentionHeads shape;
    Global<const int32_t> cu_seqlens;
    int32_t query_blocks;
    bool wide;
    Global<T> y;
    Global<float> log_sum_exp;

    __device__ __forceinline__ void operator()() const
    {
        constexpr int32_t rows = attention_rows, pitch = head_pitch<T, Dim>;
        const int32_t head = static_cast<int32_t>(blockIdx.y), first = (query_blocks - 1 - static_cast<int32_t>(blockIdx.x)) * rows;
        const Extent sequence = extent_of(cu_seqlens, static_cast<int32_t>(blockIdx.z));
        if (first >= sequence.rows)
            return;
        SharedMemory memory;
        const Shared<T> query = memory.take<T>(head_tile<T, Dim>), keys = memory.take<T>(head_tile<T, Dim>), values = memory.take<T>(head_tile<T, Dim>);
        const Shared<float> scores = memory.take<float>(rows * score_pitch<float>);
        const Shared<T> mix = memory.take<T>(rows * score_pitch<T>);
        const Shared<float> maxima = memory.take<float>(rows), sums = memory.take<float>(rows), factors = memory.take<float>(rows);
        const int64_t own = static_cast<int64_t>(head) * shape.head_dim, shared_head = static_cast<int64_t>(head / shape.group()) * shape.head_dim;
        load_head<T, Dim>(query, q, sequence.start + first, sequence.rows - first, shape.query_stride(), own, shape.head_dim, wide);
        if (thread_number() < rows) {
            maxima.put(thread_number(), -__builtin_inff());
            sums.put(thread_number(), 0.0f);
        }
        Accumulator<T, rows, Dim> result;
        result.clear();
        for (int32_t key0 = 0; key0 <= first; key0 += rows) {
            load_head<T, Dim>(keys, k, sequence.start + key0, sequence.rows - key0, shape.kv_stride(), shared_head, shape.head_dim, wide);
            load_head<T, Dim>(values, v, sequence.start + key0, sequence.rows - key0, shape.kv_stride(), shared_head, shape.head_dim, wide);
            wait_for_copies<1>();  // the values may come later
            __syncthreads();
            Accumulator<T, rows, rows> products;
            products.clear();
            products.template add<Form::nt>(query, pitch, keys, pitch, Dim);
            products.each([&](int32_t row, int32_t column, float& s) {
                scores.put(row * score_pitch<float> + column, key0 + column <= first + row ? s * shape.scale : -__builtin_inff());
            });
            __syncthreads();
            for (int32_t row = warp_number(); row < rows; row += block_warps) {
                const float s = scores.get(row * score_pitch<float> + lane_number()), before = maxima.get(row), here = largest_of_lanes(s);
                const float most = here > before ? here : before, p = exponential(s - most), factor = exponential(before - most);
                const float total = sums.get(row) * factor + sum_of_lanes(p);
                __syncwarp();
                mix.put(row * score_pitch<T> + lane_number(), narrow<T>(p));
                if (lane_number() == 0) {
                    maxima.put(row, most);
                    sums.put(row, total);
                    factors.put(row, factor);
                }
            }
            wait_for_copies<0>();
            __syncthreads();
            result.each([&](int32_t row, int32_t, float& sum) { sum *= factors.get(row); });
            result.template add<Form::nn>(mix, score_pitch<T>, values, pitch, rows);
            __syncthreads();
        }
        result.each([&](int32_t row, int32_t column, float& sum) {
            if (first + row < sequence.rows && column < shape.head_dim)
                y.put((sequence.start + first + row) * shape.query_stride() + own + column, narrow<T>(sum / sums.get(row)));
        });
        if (log_sum_exp && thread_number() < rows && first + thread_number() < sequence.rows)
            log_sum_exp.put((sequence.start + first + thread_number()) * shape.heads + head,
                maxima.get(thread_number()) + logarithm(sums.get(thread_number())));
    }
};

}  // namespace

}  // namespace seal::cuda

SealStatus seal_causal_attention(
    SealEngine* engine, SealDType type, int64_t heads, int64_t kv_heads, int64_t head_dim, const int32_t* cu_seqlens, int64_t sequences,
    const void* q, const void* k, const void* v, void* y, float* log_sum_exp) noexcept
{
    using namespace seal::cuda;
    return seal::guarded([&] {
        SealEngine& e = seal::required(engine, "engine");
        seal::activation_type(type);
        const AttentionHeads shape = attention_heads(heads, kv_heads, head_dim);
        if (seal::elements(sequences, 1, "sequences") == 0)
            return;
        seal::required_memory(q, "q");
        seal::required_memory(k, "k");
        seal::required_memory(v, "v");
        seal::required_memory(y, "y");
        const PackSize pack = pack_size(cu_seqlens, sequences);
        if (pack.rows == 0)
            return;
        const int64_t queries = pack.rows * heads * head_dim, keys = pack.rows * kv_heads * head_dim, blocks = divided_up(pack.longest, attention_rows);
        with_head(type, head_dim, [&]<typename T, int32_t Dim>(T, std::integral_constant<int32_t, Dim>) {
            e.launch("causal_attention", {blocks, heads, sequences}, forward_bytes<T, Dim>, CausalAttentionKernel<T, Dim>{in<T>(q, queries),
                in<T>(k, keys), in<T>(v, keys), shape, e.tables.of(cu_seqlens, sequences + 1), static_cast<int32_t>(blocks),
                heads_aligned<T>(head_dim, in<T>(q, queries), in<T>(k, keys), in<T>(v, keys)), out<T>(y, queries), out<float>(log_sum_exp, pack.rows * heads)});
        });
    });
}
