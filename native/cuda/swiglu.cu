// y = silu(gate)·up. Forward 3n elements and about 12 FLOPs each, backward 5n and about 18. Four consecutive elements a thread.
#include "engine.hpp"
#include "numbers.cuh"

namespace seal::cuda {

namespace {

template <typename T>
struct SwiGluKernel {
    Global<const T> gate, up;
    Global<T> y;
    int64_t n;
    bool aligned;

    __device__ __forceinline__ void operator()() const
    {
        const int64_t i = 4 * (static_cast<int64_t>(blockIdx.x) * block_threads + thread_number());
        const Four<float> g = load_four(gate, i, n, aligned), u = load_four(up, i, n, aligned);
        Four<float> result;
        for (int32_t j = 0; j < 4; j++)
            result.at[j] = g.at[j] / (1.0f + exponential(-g.at[j])) * u.at[j];
        store_four(y, i, n, aligned, result);
    }
};

// silu' = σ·(1 + g·(1 - σ)).
template <typename T>
struct SwiGluBackwardKernel {
    Global<const T> dy, gate, up;
    Global<T> dgate, dup;
    int64_t n;
    bool aligned;

    __device__ __forceinline__ void operator()() const
    {
        const int64_t i = 4 * (static_cast<int64_t>(blockIdx.x) * block_threads + thread_number());
        const Four<float> d = load_four(dy, i, n, aligned), g = load_four(gate, i, n, aligned), u = load_four(up, i, n, aligned);
        Four<float> to_gate, to_up;
        for (int32_t j = 0; j < 4; j++) {
            const float sigma = 1.0f / (1.0f + exponential(-g.at[j]));
            to_gate.at[j] = d.at[j] * u.at[j] * sigma * (1.0f + g.at[j] * (1.0f - sigma));
            to_up.at[j] = d.at[j] * g.at[j] * sigma;
        }
        store_four(dgate, i, n, aligned, to_gate);
        store_four(dup, i, n, aligned, to_up);
    }
};

Grid fours(int64_t n)
{
    return {divided_up(n, 4 * block_threads), 1, 1};
}

}  // namespace

}  // namespace seal::cuda

SealStatus seal_swiglu(SealEngine* engine, SealDType type, const void* gate, const void* up, void* y, int64_t n) noexcept
{
    return seal::guarded([&] {
        SealEngine& e = seal::required(engine, "engine");
        if (seal::elements(1, n, "n") == 0)
            return;
        seal::required_memory(gate, "gate");
        seal::required_memory(up, "up");
        seal::required_memory(y, "y");
        seal::cuda::with_type(type, [&]<typename T>(T) {
            const auto g = seal::cuda::in<T>(gate, n), u = seal::cuda::in<T>(up, n);
            const auto to = seal::cuda::out<T>(y, n);
            e.launch("swiglu", seal::cuda::fours(n), 0, seal::cuda::SwiGluKernel<T>{g, u, to, n, seal::cuda::aligned(4 * sizeof(T), g, u, to)});
        });
    });
}

SealStatus seal_swiglu_backward(
    SealEngine* engine, SealDType type, const void* dy, const void* gate, const void* up, void* dgate, void* dup, int64_t n) noexcept
{
    return seal::guarded([&] {
        SealEngine& e = seal::required(engine, "engine");
        if (seal::elements(1, n, "n") == 0)
            return;
        seal::required_memory(dy, "dy");
        seal::required_memory(gate, "gate");
        seal::required_memory(up, "up");
        seal::required_memory(dgate, "dgate");
        seal::required_memory(dup, "dup");
        seal::cuda::with_type(type, [&]<typename T>(T) {
            const auto d = seal::cuda::in<T>(dy, n), g = seal::cuda::in<T>(gate, n), u = seal::cuda::in<T>(up, n);
            const auto to_gate = seal::cuda::out<T>(dgate, n), to_up = seal::cuda::out<T>(dup, n);
            e.launch("swiglu_backward", seal::cuda::fours(n), 0, seal::cuda::SwiGluBackwardKernel<T>{d, g, u, to_gate, to_up, n,
                seal::cuda::aligned(4 * sizeof(T), d, g, u, to_gate, to_up)});
        });
    });
}
