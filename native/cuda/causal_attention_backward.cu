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

// A block keeps the tiles of one kind and goes through those of the other, in two places where 99 KiB, all that cards of sm_86 and sm_89 have, hold them.
template <typename T, int32_t Dim>
constexpr bool two_places = 8 * head_tile<T, Dim> * sizeof(T) <= 88 * 1024;

template <typename T, int32_t Dim>
constexpr int64_t backward_bytes = (two_places<T, Dim> ? 8 : 5) * head_tile<T, Dim> * sizeof(T) + attention_rows * (2 * score_pitch<T> * sizeof(T) + 4 * 4) + 64;

// Queries of one head, their dy, y and log-sum-exp, and rowsum(dy∘y) once it is made of these.
template <typename T, int32_t Dim>
struct QueryTile {
    static constexpr int32_t pitch = head_pitch<T, Dim>;

    __device__ __forceinline__ explicit QueryTile(SharedMemory& memory)
        : queries(memory.take<T>(head_tile<T, Dim>)), dy(memory.take<T>(head_tile<T, Dim>)), y(memory.take<T>(head_tile<T, Dim>)),
          shift(memory.take<float>(attention_rows)), along(memory.take<float>(attention_rows)) {}

    __device__ __forceinline__ void load(const BackwardInputs<T>& in, Extent sequence, int32_t head, int32_t first) const
    {
        const int64_t column = static_cast<int64_t>(head) * in.shape.head_dim, stride = in.shape.query_stride(), row0 = sequence.start + first;
        load_head<T, Dim>(queries, in.q, row0, sequence.rows - first, stride, column, in.shape.head_dim, in.wide);
        load_head<T, Dim>(dy, in.dy, row0, sequence.rows - first, stride, column, in.shape.head_dim, in.wide);
        load_head<T, Dim>(y, in.y, row0, sequence.rows - first, stride, column, in.shape.head_dim, in.wide);
        const int32_t row = thread_number();
        if (row < attention_rows) {
            const bool there = first + row < sequence.rows;
            copy_async<4>(shift, row, in.log_sum_exp, there ? (row0 + row) * in.shape.heads + head : 0, there ? 1 : 0);
        }
    }

    __device__ __forceinline__ void sum_along() const
    {
        const int32_t row = thread_number() / row_lanes, part = thread_number() % row_lanes;
        float sum = 0;
#pragma unroll
        for (int32_t i = 0; i < Dim / row_lanes / 4; i++) {
            const int32_t at = row * pitch + 4 * (part + i * row_lanes);
            const Four<T> d = dy.get4(at), v = y.get4(at);
#pragma unroll
            for (int32_t j = 0; j < 4; j++)
                sum = multiply_add(widen(d.at[j]), widen(v.at[j]), sum);
        }
        sum = sum_of_lanes<row_lanes>(sum);
        if (part == 0)
            along.put(row, sum);
    }

    Shared<T> queries, dy, y;
    Shared<float> shift, along;
};

template <typename T, int32_t Dim>
struct KeyTile {
    __device__ __forceinline__ explicit KeyTile(SharedMemory& memory) : keys(memory.take<T>(head_tile<T, Dim>)), values(memory.take<T>(head_tile<T, Dim>)) {}

    __device__ __forceinline__ void load(const BackwardInputs<T>& in, Extent sequence, int32_t kv_head, int32_t first) const
    {
        const int64_t column = static_cast<int64_t>(kv_head) * in.shape.head_dim, stride = in.shape.kv_stride();
        load_head<T, Dim>(keys, in.k, sequence.start + first, sequence.rows - first, stride, column, in.shape.head_dim, in.wide);
        load_head<T, Dim>(values, in.v, sequence.start + first, sequence.rows - first, stride, column, in.shape.head_dim, in.wide);
    }

    Shared<T> keys, values;
};

// What is made of a tile of queries and one of keys.
template <typename T, int32_t Dim>
class Pair {
public:
    static constexpr int32_t rows = attention_rows, pitch = head_pitch<T, Dim>;

    __device__ __forceinline__ explicit Pair(SharedMemory& memory) : p(memory.take<T>(rows * score_pitch<T>)), ds(memory.take<T>(rows * score_pitch<T>)) {}

    // p and ds of loaded tiles, and a barrier. The first time that these queries are used their rowsum is made.
    __device__ __forceinline__ void differentiate(
        bool first_time, const QueryTile<T, Dim>& of, const KeyTile<T, Dim>& with, int32_t query0, int32_t key0, Extent sequence, float scale) const
    {
        if (first_time)
            of.sum_along();
        Accumulator<T, rows, rows> scores, dp;
        scores.clear();
        scores.template add<Form::nt, Dim>(of.queries, pitch, with.keys, pitch);
        scores.each([&](int32_t row, int32_t column, float& s) {
            const bool counts = key0 + column <= query0 + row && query0 + row < sequence.rows;
            s = counts ? exponential(s * scale - of.shift.get(row)) : 0.0f;
            p.put(row * score_pitch<T> + column, narrow<T>(s));
        });
        if (first_time)
            __syncthreads();
        dp.clear();
        dp.template add<Form::nt, Dim>(of.dy, pitch, with.values, pitch);
        dp.each([&](int32_t row, int32_t column, float& d) {
            const float probability = widen(p.get(row * score_pitch<T> + column));
            ds.put(row * score_pitch<T> + column, narrow<T>(probability * (d - of.along.get(row)) * scale));
        });
        __syncthreads();
    }

    const Shared<T> p, ds;
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

// dq of 32 queries of one head.
template <typename T, int32_t Dim>
class QueryGradient {
public:
    using Tile = KeyTile<T, Dim>;

    __device__ __forceinline__ QueryGradient(const BackwardInputs<T>& in, Extent sequence, int32_t head, int32_t first, SharedMemory& memory)
        : in_(in), sequence_(sequence), head_(head), first_(first), pair_(memory), queries_(memory)
    {
        queries_.load(in, sequence, head, first);
        dq_.clear();
    }

    __device__ __forceinline__ int32_t tiles() const { return first_ / attention_rows + 1; }

    __device__ __forceinline__ void load(const Tile& tile, int32_t n) const { tile.load(in_, sequence_, head_ / in_.shape.group(), n * attention_rows); }

    __device__ __forceinline__ void use(const Tile& tile, int32_t n)
    {
        pair_.differentiate(n == 0, queries_, tile, first_, n * attention_rows, sequence_, in_.shape.scale);
        dq_.template add<Form::nn, attention_rows>(pair_.ds, score_pitch<T>, tile.keys, pair_.pitch);
    }

    __device__ __forceinline__ void store(Global<T> dq)
    {
        store_gradient<T, Dim>(dq_, dq, sequence_, first_, in_.shape.query_stride(), static_cast<int64_t>(head_) * in_.shape.head_dim, in_.shape.head_dim);
    }

private:
    const BackwardInputs<T>& in_;
    const Extent sequence_;
    const int32_t head_, first_;
    const Pair<T, Dim> pair_;
    const QueryTile<T, Dim> queries_;
    Accumulator<T, attention_rows, Dim> dq_;
};

// dk and dv of 32 keys of one key/value head: tiles of queries of the first head of its group from the diagonal down, then those of the next.
template <typename T, int32_t Dim>
class KeyGradients {
public:
    using Tile = QueryTile<T, Dim>;

    __device__ __forceinline__ KeyGradients(const BackwardInputs<T>& in, Extent sequence, int32_t kv_head, int32_t first, SharedMemory& memory)
        : in_(in), sequence_(sequence), kv_head_(kv_head), first_(first), pair_(memory), keys_(memory)
    {
        keys_.load(in, sequence, kv_head, first);
        dk_.clear();
        dv_.clear();
    }

    __device__ __forceinline__ int32_t tiles() const { return in_.shape.group() * tiles_of_head(); }

    __device__ __forceinline__ void load(const Tile& tile, int32_t n) const
    {
        tile.load(in_, sequence_, kv_head_ * in_.shape.group() + n / tiles_of_head(), query0(n));
    }

    __device__ __forceinline__ void use(const Tile& tile, int32_t n)
    {
        pair_.differentiate(true, tile, keys_, query0(n), first_, sequence_, in_.shape.scale);
        dv_.template add<Form::tn, attention_rows>(pair_.p, score_pitch<T>, tile.dy, pair_.pitch);
        dk_.template add<Form::tn, attention_rows>(pair_.ds, score_pitch<T>, tile.queries, pair_.pitch);
    }

    __device__ __forceinline__ void store(Global<T> dk, Global<T> dv)
    {
        const int64_t column = static_cast<int64_t>(kv_head_) * in_.shape.head_dim;
        store_gradient<T, Dim>(dk_, dk, sequence_, first_, in_.shape.kv_stride(), column, in_.shape.head_dim);
        store_gradient<T, Dim>(dv_, dv, sequence_, first_, in_.shape.kv_stride(), column, in_.shape.head_dim);
    }

private:
    __device__ __forceinline__ int32_t tiles_of_head() const { return (sequence_.rows - first_ + attention_rows - 1) / attention_rows; }
    __device__ __forceinline__ int32_t query0(int32_t n) const { return first_ + n % tiles_of_head() * attention_rows; }

    const BackwardInputs<T>& in_;
    const Extent sequence_;
    const int32_t kv_head_, first_;
    const Pair<T, Dim> pair_;
    const KeyTile<T, Dim> keys_;
    Accumulator<T, attention_rows, Dim> dk_, dv_;
};

// All of the block's tiles, in one place or two.
template <typename T, int32_t Dim, typename Block>
__device__ __forceinline__ void go_through(Block& block, SharedMemory& memory)
{
    using Tile = typename Block::Tile;
    const Tile one(memory), other = two_places<T, Dim> ? Tile(memory) : one;
    for_each_tile<two_places<T, Dim>>(block, one, other, block.tiles());
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
        if (blockIdx.z % 2 == 0) {
            QueryGradient<T, Dim> block(in, sequence, head, first, memory);
            go_through<T, Dim>(block, memory);
            block.store(dq);
        } else if (head < in.shape.kv_heads) {
            KeyGradients<T, Dim> block(in, sequence, head, first, memory);
            go_through<T, Dim>(block, memory);
            block.store(dk, dv);
        }
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
                heads_aligned<T>(head_dim, in<T>(dy, queries), in<T>(q, queries), in<T>(k, keys), in<T>(v, keys), in<T>(y, queries))};
            e.launch("causal_attention_backward", {divided_up(pack.longest, attention_rows), heads, 2 * sequences}, backward_bytes<T, Dim>,
                CausalAttentionBackwardKernel<T, Dim>{inputs, e.tables.of(cu_seqlens, sequences + 1), out<T>(dq, queries), out<T>(dk, keys), out<T>(dv, keys)});
        });
    });
}
