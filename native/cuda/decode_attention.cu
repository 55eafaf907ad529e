// One new row a sequence attends to all its cached rows. A block has the heads of one key/value head, so that each key and value is read
// once for the whole group, and goes through the pages 32 rows at a time.
// FLOPs: 4·length·head_dim a head. Bytes: the sequence's keys and values once.
#include "attention_shape.hpp"
#include "page_lists.hpp"

namespace seal::cuda {

namespace {

constexpr int32_t decode_rows = 32;

struct Pages {
    Global<const int32_t> rows, lengths, starts, pages;
    int32_t page_size;
};

inline int64_t decode_bytes(const AttentionHeads& shape)
{
    const int64_t group = shape.heads / shape.kv_heads, dim = shape.head_dim;
    return 4 * (2 * group * dim + 2 * decode_rows * (dim + 1) + group * decode_rows + 3 * group) + 8 * 16;
}

// Rows key0 .. of one head's cached keys or values as f32, zeros beyond the length.
template <typename T>
__device__ __forceinline__ void load_cached(
    Shared<float> tile, Global<const T> cache, const Pages& paged, int32_t first_page, int32_t key0, int32_t length, int64_t stride, int64_t column, int32_t dim)
{
    for (int32_t c = thread_number(); c < decode_rows * dim; c += block_threads) {
        const int32_t row = c / dim, in = c % dim, key = key0 + row;
        float value = 0;
        if (key < length) {
            const int64_t page = paged.pages.get(first_page + key / paged.page_size);
            value = widen(cache.get((page * paged.page_size + key % paged.page_size) * stride + column + in));
        }
        tile.put(row * (dim + 1) + in, value);
    }
}

template <typename T>
struct DecodeAttentionKernel {
    Global<const T> q, keys, values;
    AttentionHeads shape;
    Pages paged;
    Global<T> y;

    __device__ __forceinline__ void operator()() const
    {
        const int32_t sequence = static_cast<int32_t>(blockIdx.x), kv_head = static_cast<int32_t>(blockIdx.y), group = shape.group(), dim = shape.head_dim;
        const int32_t length = paged.lengths.get(sequence), first_page = paged.starts.get(sequence);
        const int64_t at = paged.rows.get(sequence) * shape.query_stride() + static_cast<int64_t>(kv_head) * group * dim;
        const int64_t column = static_cast<int64_t>(kv_head) * dim;
        SharedMemory memory;
        const Shared<float> query = memory.take<float>(group * dim), result = memory.take<float>(group * dim);
        const Shared<float> key_rows = memory.take<float>(decode_rows * (dim + 1)), value_rows = memory.take<float>(decode_rows * (dim + 1));
        const Shared<float> mix = memory.take<float>(group * decode_rows), maxima = memory.take<float>(group), sums = memory.take<float>(group),
                            factors = memory.take<float>(group);
        for (int32_t i = thread_number(); i < group * dim; i += block_threads) {
            query.put(i, widen(q.get(at + i)));
            result.put(i, 0.0f);
        }
        for (int32_t g = thread_number(); g < group; g += block_threads) {
            maxima.put(g, -__builtin_inff());
            sums.put(g, 0.0f);
        }
        for (int32_t key0 = 0; key0 < length; key0 += decode_rows) {
            load_cached(key_rows, keys, paged, first_page, key0, length, shape.kv_stride(), column, dim);
            load_cached(value_rows, values, paged, first_page, key0, length, shape.kv_stride(), column, dim);
            __syncthreads();
            for (int32_t g = warp_number(); g < group; g += block_warps) {
                const int32_t key = lane_number();
                float s = 0;
                for (int32_t d = 0; d < dim; d++)
                    s = multiply_add(query.get(g * dim + d), key_rows.get(key * (dim + 1) + d), s);
                s = key0 + key < length ? s * shape.scale : -__builtin_inff();
                const float before = maxima.get(g), here = largest_of_lanes(s), most = here > before ? here : before;
                const float p = exponential(s - most), factor = exponential(before - most), total = sums.get(g) * factor + sum_of_lanes(p);
                __syncwarp();
                mix.put(g * decode_rows + key, p);
                if (key == 0) {
                    maxima.put(g, most);
                    sums.put(g, total);
                    factors.put(g, factor);
                }
            }
            __syncthreads();
            for (int32_t i = thread_number(); i < group * dim; i += block_threads) {
                const int32_t g = i / dim, d = i % dim;
                float sum = result.get(i) * factors.get(g);
                for (int32_t key = 0; key < decode_rows; key++)
                    sum = multiply_add(mix.get(g * decode_rows + key), value_rows.get(key * (dim + 1) + d), sum);
                result.put(i, sum);
            }
            __syncthreads();
        }
        for (int32_t i = thread_number(); i < group * dim; i += block_threads)
            y.put(at + i, narrow<T>(result.get(i) / sums.get(i / dim)));
    }
};

}  // namespace

}  // namespace seal::cuda

SealStatus seal_decode_attention(
    SealEngine* engine, SealDType type, int64_t heads, int64_t kv_heads, int64_t head_dim, const void* q, int64_t q_rows, const void* keys,
    const void* values, int64_t page_size, int64_t cache_pages, const int32_t* rows, const int32_t* lengths, const int32_t* page_starts,
    const int32_t* pages, int64_t sequences, void* y) noexcept
{
    using namespace seal::cuda;
    return seal::guarded([&] {
        SealEngine& e = seal::required(engine, "engine");
        seal::activation_type(type);
        const AttentionHeads shape = attention_heads(heads, kv_heads, head_dim);
        const int64_t queries = seal::elements(q_rows, heads * head_dim, "q");
        const int64_t cached = seal::elements(seal::elements(cache_pages, seal::at_least<int64_t>(1, page_size, "page_size"), "keys"), kv_heads * head_dim, "keys");
        if (seal::elements(sequences, 1, "sequences") == 0)
            return;
        for (const auto& [pointer, name] : {std::pair{q, "q"}, {keys, "keys"}, {values, "values"}, {static_cast<const void*>(rows), "rows"},
                 {static_cast<const void*>(lengths), "lengths"}, {static_cast<const void*>(page_starts), "page_starts"},
                 {static_cast<const void*>(pages), "pages"}, {static_cast<const void*>(y), "y"}})
            seal::required_memory(pointer, name);
        seal::check_page_lists(rows, q_rows, lengths, page_starts, pages, sequences, page_size, cache_pages);
        const Pages paged{e.tables.of(rows, sequences), e.tables.of(lengths, sequences), e.tables.of(page_starts, sequences + 1),
            e.tables.of(pages, page_starts[sequences]), static_cast<int32_t>(page_size)};
        with_type(type, [&]<typename T>(T) {
            e.launch("decode_attention", {sequences, kv_heads, 1}, decode_bytes(shape), DecodeAttentionKernel<T>{in<T>(q, queries), in<T>(keys, cached),
                in<T>(values, cached), shape, paged, out<T>(y, queries)});
        });
    });
}

int64_t seal_sizeof_decode_step() noexcept
{
    return sizeof(SealDecodeStep);
}

SealStatus seal_decode_step(SealEngine* engine, const SealDecodeStep* step) noexcept
{
    const SealStatus given = seal::guarded([&] { seal::required(step, "step"); });
    if (given != SEAL_OK)
        return given;
    const SealDecodeStep& s = *step;
    const int64_t d = s.head_dim;
    if (const SealStatus status = seal_rope_pair(engine, s.type, s.q, s.heads * d, s.k, s.kv_heads * d, s.sequences, d, s.positions, s.cos_sin, s.table_rows, 0); status != SEAL_OK)
        return status;
    if (const SealStatus status = seal_kv_append(engine, s.type, s.k, s.v, s.cache_rows, s.sequences, s.kv_heads * d, s.keys, s.values, s.cache_pages * s.page_size); status != SEAL_OK)
        return status;
    return seal_decode_attention(engine, s.type, s.heads, s.kv_heads, d, s.q, s.sequences, s.keys, s.values, s.page_size, s.cache_pages, s.rows, s.lengths,
        s.page_starts, s.pages, s.sequences, s.y);
}
