// All adapters in two launches: partial sums of squared gradients, a block of threads 4096 elements; then clip, decay, AdamW, the working
// copy and cleared gradients in one pass. FLOPs about 14 an element; bytes 4 and then 28 an element, and the working copy.
#include "adamw.cuh"
#include "adamw_row.hpp"
#include "engine.hpp"
#include "numbers.cuh"

#include <algorithm>
#include <cmath>

namespace seal::cuda {

namespace {

// The sum over the block's threads in one fixed order, in every thread. `sums` has room for one a warp.
__device__ __forceinline__ double sum_of_block(double x, Shared<double> sums)
{
#pragma unroll
    for (int32_t i = 16; i > 0; i /= 2)
        x += __shfl_xor_sync(all_lanes, x, i);
    if (lane_number() == 0)
        sums.put(warp_number(), x);
    __syncthreads();
    double sum = 0;
    for (int32_t w = 0; w < block_warps; w++)
        sum += sums.get(w);
    __syncthreads();
    return sum;
}

__device__ __forceinline__ AdamWStep step_of_block(Global<const AdamWStep> steps, int32_t count)
{
    int32_t which = 0;
    while (which + 1 < count && steps.get(which + 1).first_block <= static_cast<int64_t>(blockIdx.x))
        which++;
    return steps.get(which);
}

__device__ __forceinline__ int64_t end_of(const AdamWStep& s, int64_t first)
{
    const int64_t end = s.first + s.count;
    return first + adamw_block < end ? first + adamw_block : end;
}

struct SquaresKernel {
    Global<const AdamWStep> steps;
    int32_t count;
    Global<const float> gradients;
    Global<double> partial;

    __device__ __forceinline__ void operator()() const
    {
        SharedMemory memory;
        const Shared<double> sums = memory.take<double>(block_warps);
        const AdamWStep s = step_of_block(steps, count);
        const int64_t first = s.first + (static_cast<int64_t>(blockIdx.x) - s.first_block) * adamw_block;
        double sum = 0;
        for (int64_t i = first + thread_number(); i < end_of(s, first); i += block_threads) {
            const double g = gradients.get(i);
            sum += g * g;
        }
        sum = sum_of_block(sum, sums);
        if (thread_number() == 0)
            partial.put(blockIdx.x, sum);
    }
};

template <typename T>
struct AdamWKernel {
    Global<const AdamWStep> steps;
    int32_t count;
    Global<const double> partial;
    Global<float> parameters, gradients, moment1, moment2;
    Global<T> working;
    Global<float> norms;

    __device__ __forceinline__ void operator()() const
    {
        SharedMemory memory;
        const Shared<double> sums = memory.take<double>(block_warps);
        const AdamWStep s = step_of_block(steps, count);
        const int64_t own = static_cast<int64_t>(blockIdx.x) - s.first_block, first = s.first + own * adamw_block;
        double squares = 0;
        for (int64_t i = thread_number(); i * adamw_block < s.count; i += block_threads)
            squares += partial.get(s.first_block + i);
        const float norm = square_root(static_cast<float>(sum_of_block(squares, sums)));
        if (own == 0 && thread_number() == 0)
            norms.put(s.slot, norm);
        const double limit = s.clip_norm > 0 ? s.clip_norm / (static_cast<double>(norm) + 1e-6) : 1.0;
        const float clip = static_cast<float>(limit > 1 ? 1.0 : limit);  // a NaN stays
        for (int64_t i = first + thread_number(); i < end_of(s, first); i += block_threads) {
            const float g = gradients.get(i) * clip;
            const float m = multiply_add(s.beta1, moment1.get(i), s.one_minus_beta1 * g);
            const float v = multiply_add(s.beta2, moment2.get(i), s.one_minus_beta2 * g * g);
            const float p = s.keep * parameters.get(i) - s.rate * m / multiply_add(square_root(v), s.inverse_root_bias2, s.epsilon);
            moment1.put(i, m);
            moment2.put(i, v);
            parameters.put(i, p);
            gradients.put(i, 0.0f);
            if (working)
                working.put(i, narrow<T>(p));
        }
    }
};

AdamWStep step_of(const SealAdamWRow& row, int64_t first_block)
{
    AdamWStep s{};
    s.first = row.offset;
    s.count = row.count;
    s.first_block = first_block;
    s.clip_norm = row.clip_norm;
    s.beta1 = static_cast<float>(row.beta1);
    s.one_minus_beta1 = static_cast<float>(1 - row.beta1);
    s.beta2 = static_cast<float>(row.beta2);
    s.one_minus_beta2 = static_cast<float>(1 - row.beta2);
    s.keep = static_cast<float>(1 - row.learning_rate * row.weight_decay);
    s.rate = static_cast<float>(row.learning_rate / (1 - seal::power(row.beta1, row.step)));
    s.inverse_root_bias2 = static_cast<float>(1 / std::sqrt(1 - seal::power(row.beta2, row.step)));
    s.epsilon = static_cast<float>(row.epsilon);
    s.slot = row.slot;
    return s;
}

}  // namespace

}  // namespace seal::cuda

int64_t seal_sizeof_adamw_row() noexcept
{
    return sizeof(SealAdamWRow);
}

SealStatus seal_adamw(
    SealEngine* engine, const SealAdapters* adapters, const SealAdamWRow* table, int64_t rows, float* parameters, float* gradients, float* first,
    float* second, int64_t total, float* norms, int64_t slots) noexcept
{
    using namespace seal::cuda;
    return seal::guarded([&] {
        SealEngine& e = seal::required(engine, "engine");
        seal::elements(1, total, "total");
        seal::elements(1, slots, "slots");
        if (seal::elements(1, rows, "rows") == 0)
            return;
        seal::required_memory(table, "table");
        seal::required_memory(parameters, "parameters");
        seal::required_memory(gradients, "gradients");
        seal::required_memory(first, "first");
        seal::required_memory(second, "second");
        seal::required_memory(norms, "norms");
        if (adapters != nullptr && adapters->parameters != total)
            throw seal::Error(SEAL_BAD_ARGUMENT, "total is " + std::to_string(total) + ", the adapters have " + std::to_string(adapters->parameters) + " parameters");
        std::vector<AdamWStep> steps;
        int64_t blocks = 0;
        for (int64_t i = 0; i < rows; i++) {
            seal::check_adamw_row(table[i], total, slots, adapters != nullptr);  // a noted norm is taken from the gradients all the same
            steps.push_back(step_of(table[i], blocks));
            blocks += std::max<int64_t>(1, divided_up(table[i].count, adamw_block));  // an adapter without parameters has a norm too
        }
        e.scratch.begin();
        const auto list = e.tables.of(steps);
        const auto count = static_cast<int32_t>(steps.size());
        const auto partial = e.scratch.take<double>(blocks);
        e.launch("adamw norms", {blocks, 1, 1}, 64, SquaresKernel{list, count, in<float>(gradients, total), partial});
        with_type(adapters == nullptr ? SEAL_F32 : adapters->type, [&]<typename T>(T) {
            e.launch("adamw", {blocks, 1, 1}, 64, AdamWKernel<T>{list, count, partial, out<float>(parameters, total), out<float>(gradients, total),
                out<float>(first, total), out<float>(second, total), adapters == nullptr ? Global<T>() : adapters->values<T>(), out<float>(norms, slots)});
        });
    });
}
