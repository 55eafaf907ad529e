// A warp a row. Forward 4 elements of memory each with a residual, 2 without, and 5 FLOPs; backward 4 and 8.
#include "engine.hpp"
#include "numbers.cuh"

namespace seal::cuda {

namespace {

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

    __device__ __forceinline__ void operator()() const
    {
        const int64_t row = static_cast<int64_t>(blockIdx.x) * block_warps + warp_number(), first = row * columns;
        if (row >= rows)
            return;
        float squares = 0;
        for (int64_t c = lane_number(); c < columns; c += 32) {
            float v = widen(x.get(first + c));
            if (delta) {
                const T stored = narrow<T>(v + widen(delta.get(first + c)));
                sum.put(first + c, stored);
                v = widen(stored);
            }
            squares = multiply_add(v, v, squares);
        }
        const float inverse = 1.0f / square_root(sum_of_lanes(squares) / static_cast<float>(columns) + epsilon);
        if (inverse_rms && lane_number() == 0)
            inverse_rms.put(row, inverse);
        for (int64_t c = lane_number(); c < columns; c += 32) {
            const float v = widen(delta ? sum.get(first + c) : x.get(first + c));
            y.put(first + c, narrow<T>(v * inverse * gain.get(c)));
        }
    }
};

template <typename T>
struct RmsNormBackwardKernel {
    Global<const T> dy, x;
    Global<const float> gain, inverse_rms;
    Global<T> dx;
    int64_t rows, columns;

    __device__ __forceinline__ void operator()() const
    {
        const int64_t row = static_cast<int64_t>(blockIdx.x) * block_warps + warp_number(), first = row * columns;
        if (row >= rows)
            return;
        float dot = 0;
        for (int64_t c = lane_number(); c < columns; c += 32)
            dot = multiply_add(widen(dy.get(first + c)) * gain.get(c), widen(x.get(first + c)), dot);
        const float inverse = inverse_rms.get(row), along = sum_of_lanes(dot) / static_cast<float>(columns) * inverse * inverse;
        for (int64_t c = lane_number(); c < columns; c += 32) {
            const float u = widen(dy.get(first + c)) * gain.get(c);
            const float d = inverse * (u - widen(x.get(first + c)) * along);
            dx.put(first + c, narrow<T>(widen(dx.get(first + c)) + d));
        }
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
            e.launch("rms_norm", {divided_up(rows, block_warps), 1, 1}, 0, RmsNormKernel<T>{in<T>(x, n), in<T>(delta, n), out<T>(sum, n),
                in<float>(gain, columns), static_cast<float>(epsilon), out<T>(y, n), out<float>(inverse_rms, rows), rows, columns});
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
            e.launch("rms_norm_backward", {divided_up(rows, block_warps), 1, 1}, 0, RmsNormBackwardKernel<T>{in<T>(dy, n), in<T>(x, n),
                in<float>(gain, columns), in<float>(inverse_rms, rows), out<T>(dx, n), rows, columns});
        });
    });
}
