// y = softmax(q·kᵀ·scale)·v within each sequence and above its diagonal, with a running maximum and sum a row: nothing of size T x T.
// A block has 32 queries of one head and goes through the keys up to them, 32 at a time, a sequence's last queries first.
// FLOPs: 2·T·(T + 1)·head_dim a head. Bytes: q and y once, k and v once every 32 queries and head of a group.
#include "attention_shape.hpp"

namespace seal::cuda {

namespace {

template <typename T, int32_t Dim>
constexpr int64_t forward_bytes = 5 * head_tile<T, Dim> * sizeof(T) + attention_rows * (score_pitch<float> * 4 + score_pitch<T> * sizeof(T) + 3 * 4) + 64;

template <typename T>
struct KeyTile {
    Shared<T> keys, values;
};

template <typename T>
struct CausalAttention {
    Global<const T> q, k, v;
    AttentionHeads shape;
    bool wide;
    Global<T> y;
    Global<float> log_sum_exp;
};

// 32 queries of one head, from the sequence's row `first` on, and what their keys have come to so far.
template <typename T, int32_t Dim>
class QueryBlock {
public:
    __device__ __forceinline__ QueryBlock(const CausalAttention<T>& arguments, Extent sequence, int32_t head, int32_t first, SharedMemory& memory)
        : in_(arguments), sequence_(sequence), head_(head), first_(first), query_(memory.take<T>(head_tile<T, Dim>)), mix_(memory.take<T>(rows * score_pitch<T>)),
          scores_(memory.take<float>(rows * score_pitch<float>)), maxima_(memory.take<float>(rows)), sums_(memory.take<float>(rows)), factors_(memory.take<float>(rows))
    {
        load_head<T, Dim>(query_, in_.q, sequence.start + first, sequence.rows - first, in_.shape.query_stride(), column(), in_.shape.head_dim, in_.wide);
        if (thread_number() < rows) {
            maxima_.put(thread_number(), -__builtin_inff());
            sums_.put(thread_number(), 0.0f);
        }
        result_.clear();
    }

    __device__ __forceinline__ void load(const KeyTile<T>& tile, int32_t n) const
    {
        const int64_t row0 = sequence_.start + n * rows, at = static_cast<int64_t>(head_ / in_.shape.group()) * in_.shape.head_dim;
        load_head<T, Dim>(tile.keys, in_.k, row0, sequence_.rows - n * rows, in_.shape.kv_stride(), at, in_.shape.head_dim, in_.wide);
        load_head<T, Dim>(tile.values, in_.v, row0, sequence_.rows - n * rows, in_.shape.kv_stride(), at, in_.shape.head_dim, in_.wide);
    }

    __device__ __forceinline__ void use(const KeyTile<T>& tile, int32_t n)
    {
        const int32_t key0 = n * rows;
        Accumulator<T, rows, rows> products;
        products.clear();
        products.template add<Form::nt, Dim>(query_, pitch, tile.keys, pitch);
        products.each([&](int32_t row, int32_t column, float& s) {
            scores_.put(row * score_pitch<float> + column, key0 + column <= first_ + row ? s * in_.shape.scale : -__builtin_inff());
        });
        __syncthreads();
        mix_rows();
        __syncthreads();
        result_.each([&](int32_t row, int32_t, float& sum) { sum *= factors_.get(row); });
        result_.template add<Form::nn, rows>(mix_, score_pitch<T>, tile.values, pitch);
    }

    __device__ __forceinline__ void store()
    {
        result_.each([&](int32_t row, int32_t d, float& sum) {
            if (first_ + row < sequence_.rows && d < in_.shape.head_dim)
                in_.y.put((sequence_.start + first_ + row) * in_.shape.query_stride() + column() + d, narrow<T>(sum / sums_.get(row)));
        });
        const int32_t row = thread_number();
        if (in_.log_sum_exp && row < rows && first_ + row < sequence_.rows)
            in_.log_sum_exp.put((sequence_.start + first_ + row) * in_.shape.heads + head_, maxima_.get(row) + logarithm(sums_.get(row)));
    }

private:
    static constexpr int32_t rows = attention_rows, pitch = head_pitch<T, Dim>;

    // Scores to probabilities under the largest score so far.
    __device__ __forceinline__ void mix_rows() const
    {
        constexpr int32_t fours = rows / row_lanes / 4;
        const int32_t row = thread_number() / row_lanes, part = thread_number() % row_lanes, first = part * 4 * fours;
        Four<float> s[fours];
        float here = -__builtin_inff();
#pragma unroll
        for (int32_t i = 0; i < fours; i++) {
            s[i] = scores_.get4(row * score_pitch<float> + first + 4 * i);
#pragma unroll
            for (int32_t j = 0; j < 4; j++)
                here = s[i].at[j] > here ? s[i].at[j] : here;
        }
        here = largest_of_lanes<row_lanes>(here);
        const float before = maxima_.get(row), most = here > before ? here : before, factor = exponential(before - most);
        float sum = 0;
#pragma unroll
        for (int32_t i = 0; i < fours; i++) {
            Four<T> p;
#pragma unroll
            for (int32_t j = 0; j < 4; j++) {
                const float e = exponential(s[i].at[j] - most);
                p.at[j] = narrow<T>(e);
                sum += e;
            }
            mix_.put4(row * score_pitch<T> + first + 4 * i, p);
        }
        const float total = sums_.get(row) * factor + sum_of_lanes<row_lanes>(sum);
        __syncwarp();  // the row's lanes have read what one of them now writes
        if (part == 0) {
            maxima_.put(row, most);
            sums_.put(row, total);
            factors_.put(row, factor);
        }
    }

    __device__ __forceinline__ int64_t column() const { return static_cast<int64_t>(head_) * in_.shape.head_dim; }

    const CausalAttention<T>& in_;
    const Extent sequence_;
    const int32_t head_, first_;
    const Shared<T> query_, mix_;
    const Shared<float> scores_, maxima_, sums_, factors_;
    Accumulator<T, rows, Dim> result_;
};

template <typename T, int32_t Dim>
struct CausalAttentionKernel {
    CausalAttention<T> in;
    Global<const int32_t> cu_seqlens;
    int32_t query_blocks;

    __device__ __forceinline__ void operator()() const
    {
        const int32_t first = (query_blocks - 1 - static_cast<int32_t>(blockIdx.x)) * attention_rows;
        const Extent sequence = extent_of(cu_seqlens, static_cast<int32_t>(blockIdx.z));
        if (first >= sequence.rows)
            return;
        SharedMemory memory;
        QueryBlock<T, Dim> block(in, sequence, static_cast<int32_t>(blockIdx.y), first, memory);
        const KeyTile<T> one{memory.take<T>(head_tile<T, Dim>), memory.take<T>(head_tile<T, Dim>)}, other{memory.take<T>(head_tile<T, Dim>), memory.take<T>(head_tile<T, Dim>)};
        for_each_tile<true>(block, one, other, first / attention_rows + 1);
        block.store();
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
            const CausalAttention<T> arguments{in<T>(q, queries), in<T>(k, keys), in<T>(v, keys), shape,
                heads_aligned<T>(head_dim, in<T>(q, queries), in<T>(k, keys), in<T>(v, keys)), out<T>(y, queries), out<float>(log_sum_exp, pack.rows * heads)};
            e.launch("causal_attention", {blocks, heads, sequences}, forward_bytes<T, Dim>,
                CausalAttentionKernel<T, Dim>{arguments, e.tables.of(cu_seqlens, sequences + 1), static_cast<int32_t>(blocks)});
        });
    });
}
