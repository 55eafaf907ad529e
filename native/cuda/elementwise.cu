// add: y += x, n FLOPs, 3n elements. cast: y = x in y's type, 2n elements. Four consecutive elements a thread.
#include "engine.hpp"
#include "numbers.cuh"

namespace seal::cuda {

namespace {

__device__ __forceinline__ int64_t first_of_four()
{
    return 4 * (static_cast<int64_t>(blockIdx.x) * block_threads + thread_number());
}

Grid fours(int64_t n)
{
    return {divided_up(n, 4 * block_threads), 1, 1};
}

template <typename T>
struct AddKernel {
    Global<const T> x;
    Global<T> y;
    int64_t n;
    bool aligned;

    __device__ __forceinline__ void operator()() const
    {
        const int64_t i = first_of_four();
        const Four<float> more = load_four(x, i, n, aligned);
        Four<float> sum = load_four<T>(y, i, n, aligned);
        for (int32_t j = 0; j < 4; j++)
            sum.at[j] += more.at[j];
        store_four(y, i, n, aligned, sum);
    }
};

template <typename X, typename Y>
struct CastKernel {
    Global<const X> x;
    Global<Y> y;
    int64_t n;
    bool aligned;

    __device__ __forceinline__ void operator()() const
    {
        const int64_t i = first_of_four();
        store_four(y, i, n, aligned, load_four(x, i, n, aligned));
    }
};

}  // namespace

}  // namespace seal::cuda

SealStatus seal_add(SealEngine* engine, SealDType type, const void* x, void* y, int64_t n) noexcept
{
    return seal::guarded([&] {
        SealEngine& e = seal::required(engine, "engine");
        if (seal::element_count(n, "n") == 0)
            return;
        seal::required_memory(x, "x");
        seal::required_memory(y, "y");
        seal::cuda::with_type(type, [&]<typename T>(T) {
            const auto from = seal::cuda::in<T>(x, n);
            const auto to = seal::cuda::out<T>(y, n);
            e.launch("add", seal::cuda::fours(n), 0, seal::cuda::AddKernel<T>{from, to, n, seal::cuda::aligned(4 * sizeof(T), from, to)});
        });
    });
}

SealStatus seal_cast(SealEngine* engine, SealDType x_type, const void* x, SealDType y_type, void* y, int64_t n) noexcept
{
    return seal::guarded([&] {
        SealEngine& e = seal::required(engine, "engine");
        if (seal::element_count(n, "n") == 0)
            return;
        seal::required_memory(x, "x");
        seal::required_memory(y, "y");
        seal::cuda::with_type(x_type, [&]<typename X>(X) {
            seal::cuda::with_type(y_type, [&]<typename Y>(Y) {
                const auto from = seal::cuda::in<X>(x, n);
                const auto to = seal::cuda::out<Y>(y, n);
                e.launch("cast", seal::cuda::fours(n), 0, seal::cuda::CastKernel<X, Y>{from, to, n,
                    seal::cuda::aligned(4 * sizeof(X), from) && seal::cuda::aligned(4 * sizeof(Y), to)});
            });
        });
    });
}
