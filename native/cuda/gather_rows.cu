// gather_rows, scatter_rows, embed, kv_append: a block a row; bytes: each row read and written once.
#include "engine.hpp"
#include "rows.cuh"

namespace seal::cuda {

namespace {

template <typename T>
struct GatherRowsKernel {
    Global<const T> x;
    Global<const int32_t> rows;
    Global<T> y;
    int64_t columns;
    bool aligned;

    __device__ __forceinline__ void operator()() const
    {
        const int64_t i = blockIdx.x;
        copy_row(x, rows.get(i) * columns, y, i * columns, columns, aligned);
    }
};

// Row i of y looks for itself among the rows: they are distinct and few.
template <typename T>
struct ScatterRowsKernel {
    Global<const T> x;
    Global<const int32_t> rows;
    int64_t count;
    Global<T> y;
    int64_t columns;
    bool aligned;

    __device__ __forceinline__ void operator()() const
    {
        SharedMemory memory;
        const Shared<int32_t> found = memory.take<int32_t>(1);
        const int64_t i = blockIdx.x;
        if (thread_number() == 0)
            found.put(0, -1);
        __syncthreads();
        for (int64_t r = thread_number(); r < count; r += block_threads)
            if (rows.get(r) == i)
                found.put(0, static_cast<int32_t>(r));
        __syncthreads();
        const int32_t from = found.get(0);
        copy_row(from < 0 ? Global<const T>() : x, from < 0 ? 0 : from * columns, y, i * columns, columns, aligned);
    }
};

template <typename T>
struct KvAppendKernel {
    Global<const T> k, v;
    Global<const int32_t> cache_rows;
    int64_t width;
    Global<T> keys, values;
    bool aligned;

    __device__ __forceinline__ void operator()() const
    {
        const int64_t i = blockIdx.x, row = cache_rows.get(i);
        if (row < 0)
            return;
        copy_row(k, i * width, keys, row * width, width, aligned);
        copy_row(v, i * width, values, row * width, width, aligned);
    }
};

// Rows that all start on four elements.
template <typename T, typename... Views>
bool rows_aligned(int64_t columns, const Views&... views)
{
    return columns % 4 == 0 && aligned(4 * sizeof(T), views...);
}

}  // namespace

}  // namespace seal::cuda

SealStatus seal_gather_rows(
    SealEngine* engine, SealDType type, const void* x, int64_t x_rows, int64_t columns, const int32_t* rows, int64_t count, void* y) noexcept
{
    using namespace seal::cuda;
    return seal::guarded([&] {
        SealEngine& e = seal::required(engine, "engine");
        const int64_t from = seal::elements(x_rows, columns, "x"), to = seal::elements(count, columns, "y");
        if (to == 0)
            return;
        seal::required_memory(x, "x");
        seal::required_memory(rows, "rows");
        seal::required_memory(y, "y");
        seal::indices_within(rows, count, 0, x_rows, "rows");
        with_type(type, [&]<typename T>(T) {
            e.launch("gather_rows", {count, 1, 1}, 0, GatherRowsKernel<T>{in<T>(x, from), e.tables.of(rows, count), out<T>(y, to), columns,
                rows_aligned<T>(columns, in<T>(x, from), out<T>(y, to))});
        });
    });
}

SealStatus seal_scatter_rows(
    SealEngine* engine, SealDType type, const void* x, const int32_t* rows, int64_t count, int64_t columns, void* y, int64_t y_rows) noexcept
{
    using namespace seal::cuda;
    return seal::guarded([&] {
        SealEngine& e = seal::required(engine, "engine");
        const int64_t from = seal::elements(count, columns, "x"), to = seal::elements(y_rows, columns, "y");
        if (to == 0)
            return;
        seal::required_memory(y, "y");
        if (count > 0) {
            seal::required_memory(x, "x");
            seal::required_memory(rows, "rows");
        }
        seal::indices_within(rows, count, 0, y_rows, "rows");
        with_type(type, [&]<typename T>(T) {
            e.launch("scatter_rows", {y_rows, 1, 1}, 16, ScatterRowsKernel<T>{in<T>(x, from), e.tables.of(rows, count), count, out<T>(y, to),
                columns, rows_aligned<T>(columns, in<T>(x, from), out<T>(y, to))});
        });
    });
}

SealStatus seal_embed(SealEngine* engine, SealDType type, const SealWeight* table, const int32_t* tokens, int64_t n, void* y) noexcept
{
    using namespace seal::cuda;
    return seal::guarded([&] {
        SealEngine& e = seal::required(engine, "engine");
        const SealWeight& w = usable_weight(seal::activation_type(type), table, "table");
        if (seal::element_count(n, "n") == 0)
            return;
        seal::required_memory(tokens, "tokens");
        seal::required_memory(y, "y");
        seal::indices_within(tokens, n, 0, w.rows, "tokens");
        with_type(type, [&]<typename T>(T) {
            const auto to = out<T>(y, n * w.columns);
            e.launch("embed", {n, 1, 1}, 0, GatherRowsKernel<T>{w.values<T>(), e.tables.of(tokens, n), to, int64_t{w.columns},
                rows_aligned<T>(w.columns, w.values<T>(), to)});
        });
    });
}

SealStatus seal_kv_append(
    SealEngine* engine, SealDType type, const void* k, const void* v, const int32_t* cache_rows, int64_t rows, int64_t width,
    void* keys, void* values, int64_t cache_capacity) noexcept
{
    using namespace seal::cuda;
    return seal::guarded([&] {
        SealEngine& e = seal::required(engine, "engine");
        const int64_t cached = seal::elements(cache_capacity, width, "keys"), n = seal::elements(rows, width, "k");
        if (n == 0)
            return;
        seal::required_memory(k, "k");
        seal::required_memory(v, "v");
        seal::required_memory(cache_rows, "cache_rows");
        seal::required_memory(keys, "keys");
        seal::required_memory(values, "values");
        seal::indices_within(cache_rows, rows, -1, cache_capacity, "cache_rows");
        with_type(type, [&]<typename T>(T) {
            e.launch("kv_append", {rows, 1, 1}, 0, KvAppendKernel<T>{in<T>(k, n), in<T>(v, n), e.tables.of(cache_rows, rows), width,
                out<T>(keys, cached), out<T>(values, cached),
                rows_aligned<T>(width, in<T>(k, n), in<T>(v, n), out<T>(keys, cached), out<T>(values, cached))});
        });
    });
}
