// Recomputes p = exp(q·kᵀ·scale - lse); with ds = p∘(dy·vᵀ - rowsum(dy∘y))·scale: dv = pᵀ·dy, dk = dsᵀ·q, dq = ds·k. One launch: blocks of
// even z make dq of 32 queries of a head, going through its keys; those of odd z make dk and dv of 32 keys of a key/value head, going
// through the queries of its whole group. No sum is shared, so none is atomic. (Dao, FlashAttention-2, arXiv 2307.08691)
// FLOPs: 7·T·(T + 1)·head_dim a head (5 products, two of them in both kinds of blocks). Bytes: a block's own tiles once, the others once a block.
#include "attention_shape.hpp"

namespace seal::cuda {

namespace {

// What a block of either kind reads.
template <typename T>
struct BackwardInputs {
    Global<const T> dy, q, k, v, y;
    Global<const float> log_sum_exp;
    AttentionHeads shape;
    bool wide;
};

template <typename T, int32_t Dim>
constexpr int64_t backward_bytes = 4 * head_tile<T, Dim> * sizeof(T) + attention_rows * (2 * score_pitch<T> * sizeof(T) + 2 * 4) + 64;

// The tiles of one pair of a query block and a key block, and what is made of them.
template <typename T, int32_t Dim>
class Pair {
public:
    static constexpr int32_t rows = attention_rows, pitch = head_pitch<T, Dim>;

    __device__ __forceinline__ Pair(const BackwardInputs<T>& inputs, Extent sequence, SharedMemory& memory)
        : queries(memory.take<T>(head_tile<T, Dim>)), dy(memory.take<T>(head_tile<T, Dim>)), keys(memory.take<T>(head_tile<T, Dim>)),
          values(memory.take<T>(head_tile<T, Dim>)), p(memory.take<T>(rows * score_pitch<T>)), ds(memory.take<T>(rows * score_pitch<T>)),
          shift(memory.take<float>(rows)), along(memory.take<float>(rows)), in_(inputs), sequence_(sequence)
    {
    }

    // Queries, their dy, log-sum-exp and rowsum(dy∘y).
    __device__ __forceinline__ void load_queries(int32_t head, int32_t first)
    {
        const int64_t column = static_cast<int64_t>(head) * in_.shape.head_dim, stride = in_.shape.query_stride();
        load_head<T, Dim>(queries, in_.q, sequence_.start + first, sequence_.rows - first, stride, column, in_.shape.head_dim, in_.wide);
        load_head<T, Dim>(dy, in_.dy, sequence_.start + first, sequence_.rows - first, stride, column, in_.shape.head_dim, in_.wide);
        for (int32_t row = warp_number(); row < rows; row += block_warps) {
            const bool there = first + row < sequence_.rows;
            const int64_t at = sequence_.start + first + row;
            float sum = 0;
            for (int32_t d = lane_number(); there && d < in_.shape.head_dim; d += 32)
                sum = multiply_add(widen(in_.dy.get(at * stride + column + d)), widen(in_.y.get(at * stride + column + d)), sum);
            sum = sum_of_lanes(sum);
            if (lane_number() == 0) {
                along.put(row, sum);
                shift.put(row, there ? in_.log_sum_exp.get(at * in_.shape.heads + head) : 0.0f);
            }
        }
    }

    __device__ __forceinline__ void load_keys(int32_t kv_head, int32_t first)
    {
        const int64_t column = static_cast<int64_t>(kv_head) * in_.shape.head_dim, stride = in_.shape.kv_stride();
        load_head<T, Dim>(keys, in_.k, sequence_.start + first, sequence_.rows - first, stride, column, in_.shape.head_dim, in_.wide);
        load_head<T, Dim>(values, in_.v, sequence_.start + first, sequence_.rows - first, stride, column, in_.shape.head_dim, in_.wide);
    }

    // p and ds of the loaded tiles, behind a barrier before and one after.
    __device__ __forceinline__ void differentiate(int32_t query0, int32_t key0)
    {
        wait_for_copies<0>();
        __syncthreads();
        Accumulator<T, rows, rows> scores, dp;
        scores.clear();
        scores.template add<Form::nt>(queries, pitch, keys, pitch, Dim);
        scores.each([&](int32_t row, int32_t column, float& s) {
            const bool counts = key0 + column <= query0 + row && query0 + row < sequence_.rows;
            s = counts ? exponential(s * in_.shape.scale - shift.get(row)) : 0.0f;
            p.put(row * score_pitch<T> + column, narrow<T>(s));
        });
        dp.clear();
        dp.template add<Form::nt>(dy, pitch, values, pitch, Dim);
        dp.each([&](int32_t row, int32_t column, float& d) {
            const float probability = widen(p.get(row * score_pitch<T> + column));
            ds.put(row * score_pitch<T> + column, narrow<T>(probability * (d - along.get(row)) * in_.shape.scale));
        });
        __syncthreads();
    }

    const Shared<T> queries, dy, keys, values, p, ds;
    const Shared<float> shift, along;

private:
    const BackwardInputs<T>& in_;
    const Extent sequence_;
};

// The rows from `first` on of one head's gradient, whose rows are so many elements apart.
template <typename T, int32_t Dim>
__device__ __forceinline__ void store_gradient(
    Accumulator<T, attention_rows, Dim>& sums, Global<T> gradient, Extent sequence, int32_t first, int64_t stride, int64_t column0, int32_t head_dim)
{
    sums.each([&](int32_t row, int32_t column, float& sum) {
        if (first + row < sequence.rows && column < head_dim)
            gradient.put((sequence.start + first + row) * stride + column0 + column, narrow<T>(sum));
    });
}

template <typename T, int32_t Dim>
__device__ __forceinline__ void query_gradient(const BackwardInputs<T>& in, Extent sequence, int32_t head, int32_t first, SharedMemory& memory, Global<T> dq)
{
    Pair<T, Dim> pair(in, sequence, memory);
    Accumulator<T, attention_rows, Dim> sums;
    sums.clear();
    pair.load_queries(head, first);
    for (int32_t key0 = 0; key0 <= first; key0 += attention_rows) {
        pair.load_keys(head / in.shape.group(), key0);
        pair.differentiate(first, key0);
        sums.template add<Form::nn>(pair.ds, score_pitch<T>, pair.keys, pair.pitch, attention_rows);
        __syncthreads();
    }
    store_gradient<T, Dim>(sums, dq, sequence, first, in.shape.query_stride(), static_cast<int64_t>(head) * in.shape.head_dim, in.shape.head_dim);
}

template <typename T, int32_t Dim>
__device__ __forceinline__ void key_gradients(const BackwardInputs<T>& in, Extent sequence, int32_t kv_head, int32_t first, SharedMemory& memory, Global<T> dk, Global<T> dv)
{
    Pair<T, Dim> pair(in, sequence, memory);
    Accumulator<T, attention_rows, Dim> of_keys, of_values;
    of_keys.clear();
    of_values.clear();
    pair.load_keys(kv_head, first);
    for (int32_t head = kv_head * in.shape.group(); head < (kv_head + 1) * in.shape.group(); head++)
        for (int32_t query0 = first; query0 < sequence.rows; query0 += attention_rows) {
            pair.load_queries(head, query0);
            pair.differentiate(query0, first);
            of_values.template add<Form::tn>(pair.p, score_pitch<T>, pair.dy, pair.pitch, attention_rows);
            of_keys.template add<Form::tn>(pair.ds, score_pitch<T>, pair.queries, pair.pitch, attention_rows);
            __syncthreads();
        }
    const int64_t column = static_cast<int64_t>(kv_head) * in.shape.head_dim;
    store_gradient<T, Dim>(of_keys, dk, sequence, first, in.shape.kv_stride(), column, in.shape.head_dim);
    store_gradient<T, Dim>(of_values, dv, sequence, first, in.shape.kv_stride(), column, in.shape.head_dim);
}

template <typename T, int32_t Dim>
struct CausalAttentionBackwardKernel {
    BackwardInputs<T> in;
    Global<const int32_t> cu_seqlens;
    Global<T> dq, dk, dv;

    __device__ __forceinline__ void operator()() const
    {
        const Extent sequence = extent_of(cu_seqlens, static_cast<int32_t>(blockIdx.z / 2));
        const int32_t head = static_cast<int32_t>(blockIdx.y), first = static_cast<int32_t>(blockIdx.x) * attention_rows;
        if (first >= sequence.rows)
            return;
        SharedMemory memory;
        if (blockIdx.z % 2 == 0)
            query_gradient<T, Dim>(in, sequence, head, first, memory, dq);
        else if (head < in.shape.kv_heads)
            key_gradients<T, Dim>(in, sequence, head, first, memory, dk, dv);
    }
};

}  // namespace

}  // namespace seal::cuda

SealStatus seal_causal_attention_backward(
    SealEngine* engine, SealDType type, int64_t heads, int64_t kv_heads, int64_t head_dim, const int32_t* cu_seqlens, int64_t sequences,
    const void* dy, const void* q, const void* k, const void* v, const void* y, const float* log_sum_exp, void* dq, void* dk, void* dv) noexcept
{
    using namespace seal::cuda;
    return seal::guarded([&] {
        SealEngine& e = seal::required(engine, "engine");
        seal::activation_type(type);
        const AttentionHeads shape = attention_heads(heads, kv_heads, head_dim);
        if (seal::elements(sequences, 1, "sequences") == 0)
            return;
        for (const auto& [pointer, name] : {std::pair{dy, "dy"}, {q, "q"}, {k, "k"}, {v, "v"}, {y, "y"},
                 {static_cast<const void*>(log_sum_exp), "log_sum_exp"}, {static_cast<const void*>(dq), "dq"},
                 {static_cast<const void*>(dk), "dk"}, {static_cast<const void*>(dv), "dv"}})
            seal::required_memory(pointer, name);
        const PackSize pack = pack_size(cu_seqlens, sequences);
        if (pack.rows == 0)
            return;
        const int64_t queries = pack.rows * heads * head_dim, keys = pack.rows * kv_heads * head_dim;
        with_head(type, head_dim, [&]<typename T, int32_t Dim>(T, std::integral_constant<int32_t, Dim>) {
            const BackwardInputs<T> inputs{in<T>(dy, queries), in<T>(q, queries), in<T>(k, keys), in<T>(v, keys), in<T>(y, queries),
                in<float>(log_sum_exp, pack.rows * heads), shape,
                heads_aligned<T>(head_dim, in<T>(dy, queries), in<T>(q, queries), in<T>(k, keys), in<T>(v, keys))};
            e.launch("causal_attention_backward", {divided_up(pack.longest, attention_rows), heads, 2 * sequences}, backward_bytes<T, Dim>,
                CausalAttentionBackwardKernel<T, Dim>{inputs, e.tables.of(cu_seqlens, sequences + 1), out<T>(dq, queries), out<T>(dk, keys), out<T>(dv, keys)});
        });
    });
}
