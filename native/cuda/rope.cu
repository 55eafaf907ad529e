// Rotates heads in place: a thread a pair of elements, 6 FLOPs and 4 elements of memory. cos and sin come from the table's row. Queries and
// keys in one launch: either is over before a launch of its own would be.
#include "engine.hpp"
#include "numbers.cuh"

namespace seal::cuda {

namespace {

template <typename T>
__device__ __forceinline__ void rotate(
    Global<T> x, int64_t pair, int64_t columns, Global<const int32_t> positions, Global<const float> cos_sin, int64_t head_dim, bool inverse)
{
    const int64_t half = head_dim / 2, row = pair / (columns / 2), in_row = pair % (columns / 2), j = in_row % half;
    const int64_t low = row * columns + in_row / half * head_dim + j, angle = positions.get(row) * head_dim + j;
    const float c = cos_sin.get(angle), s = inverse ? -cos_sin.get(angle + half) : cos_sin.get(angle + half);
    const float a = widen(x.get(low)), b = widen(x.get(low + half));
    x.put(low, narrow<T>(a * c - b * s));
    x.put(low + half, narrow<T>(b * c + a * s));
}

template <typename T>
struct RopeKernel {
    Global<T> q;
    int64_t q_pairs, q_columns;
    Global<T> k;
    int64_t k_pairs, k_columns;
    Global<const int32_t> positions;
    Global<const float> cos_sin;
    int64_t head_dim;
    bool inverse;

    __device__ __forceinline__ void operator()() const
    {
        const int64_t pair = static_cast<int64_t>(blockIdx.x) * block_threads + thread_number();
        if (pair < q_pairs)
            rotate(q, pair, q_columns, positions, cos_sin, head_dim, inverse);
        else if (pair < q_pairs + k_pairs)
            rotate(k, pair - q_pairs, k_columns, positions, cos_sin, head_dim, inverse);
    }
};

// Elements of x, which is checked.
int64_t rotated_elements(const void* x, int64_t rows, int64_t columns, int64_t head_dim, const char* name)
{
    if (columns % head_dim != 0)
        throw Error(SEAL_BAD_ARGUMENT, "head_dim is " + std::to_string(head_dim) + ", expected an even divisor of the " + std::to_string(columns) + " columns");
    const int64_t n = elements(rows, columns, name);
    if (n > 0)
        required_memory(x, name);
    return n;
}

// Without keys k_columns is 0.
void rope(
    SealEngine& e, SealDType type, void* q, int64_t q_columns, void* k, int64_t k_columns, int64_t rows, int64_t head_dim, const int32_t* positions,
    const float* cos_sin, int64_t table_rows, bool inverse)
{
    if (head_dim < 2 || head_dim % 2 != 0)
        throw Error(SEAL_BAD_ARGUMENT, "head_dim is " + std::to_string(head_dim) + ", expected an even divisor of the " + std::to_string(q_columns) + " columns");
    const int64_t angles = elements(table_rows, head_dim, "cos_sin");
    const int64_t n = rotated_elements(q, rows, q_columns, head_dim, "x"), m = rotated_elements(k, rows, k_columns, head_dim, "k");
    if (n + m == 0)
        return;
    required_memory(positions, "positions");
    required_memory(cos_sin, "cos_sin");
    indices_within(positions, rows, 0, table_rows, "positions");
    with_type(type, [&]<typename T>(T) {
        e.launch("rope", {divided_up((n + m) / 2, block_threads), 1, 1}, 0, RopeKernel<T>{out<T>(q, n), n / 2, q_columns, out<T>(k, m), m / 2, k_columns,
            e.tables.of(positions, rows), in<float>(cos_sin, angles), head_dim, inverse});
    });
}

}  // namespace

}  // namespace seal::cuda

SealStatus seal_rope(
    SealEngine* engine, SealDType type, void* x, int64_t rows, int64_t columns, int64_t head_dim, const int32_t* positions,
    const float* cos_sin, int64_t table_rows, int32_t inverse) noexcept
{
    return seal::guarded([&] {
        seal::cuda::rope(seal::required(engine, "engine"), type, x, columns, nullptr, 0, rows, head_dim, positions, cos_sin, table_rows, inverse != 0);
    });
}

SealStatus seal_rope_pair(
    SealEngine* engine, SealDType type, void* q, int64_t q_columns, void* k, int64_t k_columns, int64_t rows, int64_t head_dim,
    const int32_t* positions, const float* cos_sin, int64_t table_rows, int32_t inverse) noexcept
{
    return seal::guarded([&] {
        seal::cuda::rope(seal::required(engine, "engine"), type, q, q_columns, k, k_columns, rows, head_dim, positions, cos_sin, table_rows, inverse != 0);
    });
}
