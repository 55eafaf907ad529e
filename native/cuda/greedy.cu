// A block a row: the largest of the logits, the first of several, NaN the least of all. Bytes: the logits once.
#include "engine.hpp"
#include "numbers.cuh"
#include "planted.cuh"

namespace seal::cuda {

namespace {

// Whether v at column i comes before the best so far.
__device__ __forceinline__ bool better(float v, int32_t i, float best, int32_t best_at)
{
    const bool same = v == best || (v != v && best != best);
    return same ? i < best_at : v > best || best != best;
}

struct GreedyKernel {
    Global<const float> logits;
    int64_t columns;
    Global<int32_t> tokens;

    __device__ __forceinline__ void operator()() const
    {
        SharedMemory memory;
        const Shared<float> values = memory.take<float>(block_threads);
        const Shared<int32_t> places = memory.take<int32_t>(block_threads);
        const int32_t self = thread_number();
        const int64_t row = static_cast<int64_t>(blockIdx.x) * columns;
        float best = __builtin_nanf("");
        int32_t at = 0x7fffffff;
        for (int64_t c = self; c < columns; c += block_threads)
            if (const float v = logits.get(row + c); better(v, static_cast<int32_t>(c), best, at)) {
                best = v;
                at = static_cast<int32_t>(c);
            }
        values.put(self, best);
        places.put(planted(Mistake::shared_overrun) ? self + 1 : self, at);
        for (int32_t half = block_threads / 2; half > 0; half /= 2) {
            __syncthreads();
            if (self < half && better(values.get(self + half), places.get(self + half), values.get(self), places.get(self))) {
                values.put(self, values.get(self + half));
                places.put(self, places.get(self + half));
            }
        }
        if (self == 0)
            tokens.put(blockIdx.x, places.get(0));
    }
};

}  // namespace

}  // namespace seal::cuda

SealStatus seal_greedy(SealEngine* engine, const float* logits, int64_t rows, int64_t columns, int32_t* tokens) noexcept
{
    using namespace seal::cuda;
    return seal::guarded([&] {
        SealEngine& e = seal::required(engine, "engine");
        e.refuse_in_step("seal_greedy");
        const int64_t n = seal::elements(rows, columns, "logits");
        if (n == 0)
            return;
        seal::required_memory(logits, "logits");
        seal::required_memory(tokens, "tokens");
        e.scratch.begin();
        const Global<int32_t> chosen = e.scratch.take<int32_t>(rows);
        e.launch("greedy", {rows, 1, 1}, 8 * block_threads, GreedyKernel{in<float>(logits, n), columns, chosen});
        copy_to_host(tokens, chosen.data(), rows * static_cast<int64_t>(sizeof(int32_t)));
    });
}
