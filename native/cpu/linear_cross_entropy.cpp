#include "cross_entropy.hpp"
#include "dtype.hpp"
#include "weight.hpp"

SealStatus seal_linear_cross_entropy(SealEngine* engine, SealDType type, const void* h, int32_t rows, const SealWeight* head,
    const int32_t* targets, const float* weights, float* log_probabilities, void* dh) noexcept
{
    return seal::guarded([&] {
        SealEngine& e = seal::required(engine, "engine");
        const SealWeight& w = seal::usable_weight(e, seal::activation_type(type), head, "head");
        if (seal::at_least(0, rows, "rows") == 0)
            return;
        seal::required_memory(h, "h");
        seal::required_memory(targets, "targets");
        seal::required_memory(weights, "weights");
        seal::required_memory(log_probabilities, "log_probabilities");
        for (int32_t i = 0; i < rows; i++)
            if (targets[i] < 0 || targets[i] >= w.rows)
                throw seal::Error(SEAL_BAD_ARGUMENT, "target " + std::to_string(i) + " is " + std::to_string(targets[i]) +
                    ", expected 0 to " + std::to_string(w.rows - 1));
        const seal::CrossEntropy c{type, w.columns, w.rows, h, w.forward_panels, w.backward_panels, targets, weights, log_probabilities, dh};
        // Rows never meet: each thread sweeps the vocabulary for its own, and waits for nobody until the end.
        const int64_t threads = e.pool.threads(), bytes = seal::CrossEntropy::scratch_bytes(w.columns);
        std::byte* scratch = e.scratch.block(threads * bytes);
        e.pool.parallel_for(threads, [&](int64_t thread) {
            e.kernels.cross_entropy(c, rows * thread / threads, rows * (thread + 1) / threads, scratch + thread * bytes);
        });
    });
}
