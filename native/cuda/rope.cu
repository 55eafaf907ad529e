// Rotates heads in place: a thread a pair of elements, 6 FLOPs and 4 elements of memory. cos and sin come from the table's row.
#include "engine.hpp"
#include "numbers.cuh"

namespace seal::cuda {

namespace {

template <typename T>
__global__ void rope_kernel(
    Global<T> x, Global<const int32_t> positions, Global<const float> cos_sin, int64_t pairs, int64_t columns, int64_t head_dim, bool inverse)
{
    const int64_t pair = static_cast<int64_t>(blockIdx.x) * block_threads + thread_number();
    if (pair >= pairs)
        return;
    const int64_t half = head_dim / 2, row = pair / (columns / 2), in_row = pair % (columns / 2), j = in_row % half;
    const int64_t low = row * columns + in_row / half * head_dim + j, angle = positions.get(row) * head_dim + j;
    const float c = cos_sin.get(angle), s = inverse ? -cos_sin.get(angle + half) : cos_sin.get(angle + half);
    const float a = widen(x.get(low)), b = widen(x.get(low + half));
    x.put(low, narrow<T>(a * c - b * s));
    x.put(low + half, narrow<T>(b * c + a * s));
}

}  // namespace

}  // namespace seal::cuda

SealStatus seal_rope(
    SealEngine* engine, SealDType type, void* x, int64_t rows, int64_t columns, int64_t head_dim, const int32_t* positions,
    const float* cos_sin, int64_t table_rows, int32_t inverse) noexcept
{
    using namespace seal::cuda;
    return seal::guarded([&] {
        SealEngine& e = seal::required(engine, "engine");
        if (head_dim < 2 || head_dim % 2 != 0 || columns % head_dim != 0)
            throw seal::Error(SEAL_BAD_ARGUMENT, "head_dim is " + std::to_string(head_dim) + ", expected an even divisor of the " +
                std::to_string(columns) + " columns");
        const int64_t angles = seal::elements(table_rows, head_dim, "cos_sin"), n = seal::elements(rows, columns, "x");
        if (n == 0)
            return;
        seal::required_memory(x, "x");
        seal::required_memory(positions, "positions");
        seal::required_memory(cos_sin, "cos_sin");
        with_type(type, [&]<typename T>(T) {
            e.launch("rope", {divided_up(n / 2, block_threads), 1, 1}, 0, rope_kernel<T>, out<T>(x, n), in<int32_t>(positions, rows),
                in<float>(cos_sin, angles), n / 2, columns, head_dim, inverse != 0);
        });
    });
}
