// A warp a row, four elements a lane and turn. Forward 4 elements of memory each with a residual, 2 without, and 5 FLOPs; backward 4 and 8.
#include "engine.hpp"
#include "numbers.cuh"

namespace seal::cuda {

namespace {

// Turns whose elements a lane keeps, all of a row of 1024: their loads are on their way together, and once. A row's other elements are read again.
constexpr int32_t kept_turns = 8;

constexpr int32_t turn_columns = 32 * 4;

// Without a delta x stands for the sum. The sum that is stored is the one that is normalised.
template <typename T>
struct RmsNormKernel {
    Global<const T> x, delta;
    Global<T> sum;
    Global<const float> gain;
    float epsilon;
    Global<T> y;
    Global<float> inverse_rms;
    int64_t rows, columns;
    bool aligned;

    __device__ __forceinline__ void operator()() const
    {
        const int64_t row = static_cast<int64_t>(blockIdx.x) * block_warps + warp_number(), first = row * columns, end = first + columns;
        if (row >= rows)
            return;
        Four<float> kept[kept_turns], gains[kept_turns];
        const int64_t lane = 4 * lane_number();
#pragma unroll
        for (int32_t i = 0; i < kept_turns; i++)
            gains[i] = load_four(gain, lane + i * turn_columns, columns, aligned);
#pragma unroll
        for (int32_t i = 0; i < kept_turns; i++)
            kept[i] = load_four(x, first + lane + i * turn_columns, end, aligned);
        if (delta) {
            Four<float> added[kept_turns];
#pragma unroll
            for (int32_t i = 0; i < kept_turns; i++)
                added[i] = load_four(delta, first + lane + i * turn_columns, end, aligned);
#pragma unroll
            for (int32_t i = 0; i < kept_turns; i++)
                kept[i] = stored_sum(kept[i], added[i], first + lane + i * turn_columns, end);
        }
        float squares = 0;
#pragma unroll
        for (int32_t i = 0; i < kept_turns; i++)
            squares = add_squares(kept[i], squares);
        for (int64_t c = lane + kept_turns * turn_columns; c < columns; c += turn_columns) {
            Four<float> v = load_four(x, first + c, end, aligned);
            if (delta)
                v = stored_sum(v, load_four(delta, first + c, end, aligned), first + c, end);
            squares = add_squares(v, squares);
        }
        const float inverse = 1.0f / square_root(sum_of_lanes(squares) / static_cast<float>(columns) + epsilon);
        if (inverse_rms && lane_number() == 0)
            inverse_rms.put(row, inverse);
#pragma unroll
        for (int32_t i = 0; i < kept_turns; i++)
            store_normalised(kept[i], gains[i], inverse, first + lane + i * turn_columns, end);
        for (int64_t c = lane + kept_turns * turn_columns; c < columns; c += turn_columns)
            store_normalised(load_four(delta ? Global<const T>(sum) : x, first + c, end, aligned), load_four(gain, c, columns, aligned), inverse, first + c, end);
    }

private:
    __device__ __forceinline__ Four<float> stored_sum(Four<float> v, Four<float> added, int64_t at, int64_t end) const
    {
#pragma unroll
        for (int32_t j = 0; j < 4; j++)
            v.at[j] = widen(narrow<T>(v.at[j] + added.at[j]));
        store_four(sum, at, end, aligned, v);
        return v;
    }

    __device__ __forceinline__ static float add_squares(Four<float> v, float squares)
    {
#pragma unroll
        for (int32_t j = 0; j < 4; j++)
            squares = multiply_add(v.at[j], v.at[j], squares);
        return squares;
    }

    __device__ __forceinline__ void store_normalised(Four<float> v, Four<float> by, float inverse, int64_t at, int64_t end) const
    {
#pragma unroll
        for (int32_t j = 0; j < 4; j++)
            v.at[j] = v.at[j] * inverse * by.at[j];
        store_four(y, at, end, aligned, v);
    }
};

template <typename T>
struct RmsNormBackwardKernel {
    Global<const T> dy, x;
    Global<const float> gain, inverse_rms;
    Global<T> dx;
    int64_t rows, columns;
    bool aligned;

    __device__ __forceinline__ void operator()() const
    {
        const int64_t row = static_cast<int64_t>(blockIdx.x) * block_warps + warp_number(), first = row * columns, end = first + columns;
        if (row >= rows)
            return;
        Four<float> u[kept_turns], v[kept_turns], before[kept_turns];
        const int64_t lane = 4 * lane_number();
        const float inverse = inverse_rms.get(row);
#pragma unroll
        for (int32_t i = 0; i < kept_turns; i++) {
            u[i] = scaled_by_gain(lane + i * turn_columns, first);
            v[i] = load_four(x, first + lane + i * turn_columns, end, aligned);
            before[i] = load_four(Global<const T>(dx), first + lane + i * turn_columns, end, aligned);
        }
        float dot = 0;
#pragma unroll
        for (int32_t i = 0; i < kept_turns; i++)
            dot = add_dot(u[i], v[i], dot);
        for (int64_t c = lane + kept_turns * turn_columns; c < columns; c += turn_columns)
            dot = add_dot(scaled_by_gain(c, first), load_four(x, first + c, end, aligned), dot);
        const float along = sum_of_lanes(dot) / static_cast<float>(columns) * inverse * inverse;
#pragma unroll
        for (int32_t i = 0; i < kept_turns; i++)
            add_gradient(before[i], u[i], v[i], inverse, along, first + lane + i * turn_columns, end);
        for (int64_t c = lane + kept_turns * turn_columns; c < columns; c += turn_columns)
            add_gradient(load_four(Global<const T>(dx), first + c, end, aligned), scaled_by_gain(c, first), load_four(x, first + c, end, aligned), inverse, along, first + c, end);
    }

private:
    // dy∘gain at a column of the row that begins at `first`.
    __device__ __forceinline__ Four<float> scaled_by_gain(int64_t c, int64_t first) const
    {
        Four<float> d = load_four(dy, first + c, first + columns, aligned);
        const Four<float> by = load_four(gain, c, columns, aligned);
#pragma unroll
        for (int32_t j = 0; j < 4; j++)
            d.at[j] *= by.at[j];
        return d;
    }

    __device__ __forceinline__ static float add_dot(Four<float> u, Four<float> v, float dot)
    {
#pragma unroll
        for (int32_t j = 0; j < 4; j++)
            dot = multiply_add(u.at[j], v.at[j], dot);
        return dot;
    }

    __device__ __forceinline__ void add_gradient(Four<float> before, Four<float> u, Four<float> v, float inverse, float along, int64_t at, int64_t end) const
    {
#pragma unroll
        for (int32_t j = 0; j < 4; j++)
            before.at[j] += inverse * (u.at[j] - v.at[j] * along);
        store_four(dx, at, end, aligned, before);
    }
};

}  // namespace

}  // namespace seal::cuda

SealStatus seal_rms_norm(
    SealEngine* engine, SealDType type, const void* x, const void* delta, void* sum, const float* gain, double epsilon, void* y,
    float* inverse_rms, int64_t rows, int64_t columns) noexcept
{
    using namespace seal::cuda;
    return seal::guarded([&] {
        SealEngine& e = seal::required(engine, "engine");
        const int64_t n = seal::elements(rows, columns, "x");
        if (n == 0)
            return;
        seal::required_memory(x, "x");
        seal::required_memory(gain, "gain");
        seal::required_memory(y, "y");
        if (delta != nullptr)
            seal::required_memory(sum, "sum");
        with_type(type, [&]<typename T>(T) {
            const bool fours = columns % 4 == 0 && aligned(4 * sizeof(T), in<T>(x, n), in<T>(delta, n), out<T>(sum, n), out<T>(y, n)) && aligned(16, in<float>(gain, columns));
            e.launch("rms_norm", {divided_up(rows, block_warps), 1, 1}, 0, RmsNormKernel<T>{in<T>(x, n), in<T>(delta, n), out<T>(sum, n),
                in<float>(gain, columns), static_cast<float>(epsilon), out<T>(y, n), out<float>(inverse_rms, rows), rows, columns, fours});
        });
    });
}

SealStatus seal_rms_norm_backward(
    SealEngine* engine, SealDType type, const void* dy, const void* x, const float* gain, const float* inverse_rms, void* dx,
    int64_t rows, int64_t columns) noexcept
{
    using namespace seal::cuda;
    return seal::guarded([&] {
        SealEngine& e = seal::required(engine, "engine");
        const int64_t n = seal::elements(rows, columns, "x");
        if (n == 0)
            return;
        seal::required_memory(dy, "dy");
        seal::required_memory(x, "x");
        seal::required_memory(gain, "gain");
        seal::required_memory(inverse_rms, "inverse_rms");
        seal::required_memory(dx, "dx");
        with_type(type, [&]<typename T>(T) {
            const bool fours = columns % 4 == 0 && aligned(4 * sizeof(T), in<T>(dy, n), in<T>(x, n), out<T>(dx, n)) && aligned(16, in<float>(gain, columns));
            e.launch("rms_norm_backward", {divided_up(rows, block_warps), 1, 1}, 0,
                RmsNormBackwardKernel<T>{in<T>(dy, n), in<T>(x, n), in<float>(gain, columns), in<float>(inverse_rms, rows), out<T>(dx, n), rows, columns, fours});
        });
    });
}
