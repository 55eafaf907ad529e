#include "cross_entropy.hpp"
#include "dtype.hpp"
#include "dynamic_tasks.hpp"
#include "weight.hpp"

#include <algorithm>
#include <utility>

namespace seal {

namespace {

// Rows enough for all threads are divided among them, and the threads go through the vocabulary side by side, so that each byte of E comes
// from memory once; fewer rows stay together, and the stripes are divided. Which it is changes no row's bits.
constexpr int64_t rows_enough = 64;

void run(SealEngine& e, const CrossEntropy& c, int64_t rows)
{
    const int64_t stripes = c.stripe_count(), threads = e.pool.threads();
    const int64_t groups = rows >= rows_enough * threads ? threads : (threads + stripes - 1) / stripes;
    const int64_t part = CrossEntropyPart::bytes(c.hidden), own = c.scratch_bytes();
    const int64_t span = std::min<int64_t>(CrossEntropy::block, (rows + groups - 1) / groups);  // rows of one group at a time
    std::byte* memory = e.scratch.block(groups * stripes * part + threads * own);
    std::byte* scratch = memory + groups * stripes * part;
    const auto part_of = [&](int64_t task) { return CrossEntropyPart::at(memory + task * part, c.hidden); };
    for (int64_t from = 0; from < rows; from += groups * span) {
        const auto range = [&](int64_t group) { return std::pair{std::min(rows, from + group * span), std::min(rows, from + (group + 1) * span)}; };
        dynamic_tasks(e.pool, groups * stripes, [&](int64_t task, int64_t thread) {
            const int64_t group = task % groups, stripe = task / groups;
            const auto [first, last] = range(group);
            if (first < last)
                e.kernels.cross_entropy(c, part_of(group * stripes + stripe), first, last, stripe, scratch + thread * own);
        });
        dynamic_tasks(e.pool, groups, [&](int64_t group, int64_t thread) {
            CrossEntropyPart parts[CrossEntropy::stripes];
            for (int64_t s = 0; s < stripes; s++)
                parts[s] = part_of(group * stripes + s);
            const auto [first, last] = range(group);
            e.kernels.cross_entropy_rows(c, parts, first, last, scratch + thread * own);
        });
    }
}

}  // namespace

}  // namespace seal

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
        const seal::CrossEntropy c{type, w.columns, w.rows, h, w.forward_panels.get(), w.backward_panels.get(), targets, weights, log_probabilities, dh};
        seal::run(e, c, rows);
    });
}
