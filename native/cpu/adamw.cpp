#include "adamw.hpp"

#include "adamw_row.hpp"
#include "adapters.hpp"
#include "engine.hpp"
#include "shape.hpp"

#include <algorithm>
#include <cmath>

namespace seal {

namespace {

// Counted from an adapter's first parameter: the norm's partial sums are the same wherever the adapter lies.
constexpr int64_t block = 4096;

// Of the row's factors, as backward passes left it.
double noted_squares(const SealEngine& e, const SealAdapters& adapters, const SealAdamWRow& row)
{
    double sum = 0;
    const auto [first, end] = adapters.within(row.offset, row.count);
    for (int64_t i = first; i < end; i++) {
        const Factors& f = adapters.factors[static_cast<size_t>(i)];
        for (int64_t tile = 0, tiles = tiles_of_both(e, f); tile < tiles; tile++)
            sum += f.squares[tile];
    }
    return sum;
}

// Norms of all rows' gradients.
void take_norms(
    SealEngine& e, const SealAdapters* adapters, const SealAdamWRow* table, int64_t rows, const float* gradients, std::vector<double>& norms)
{
    norms.assign(static_cast<size_t>(rows), 0);
    e.pool.parallel_for(rows, [&](int64_t i) {
        if (table[i].norm_noted != 0)
            norms[static_cast<size_t>(i)] = noted_squares(e, *adapters, table[i]);
    });
    std::vector<AdamWBlock>& blocks = e.adamw_blocks;
    blocks.clear();
    for (int64_t i = 0; i < rows; i++)
        for (int64_t from = table[i].offset, end = from + table[i].count; table[i].norm_noted == 0 && from < end; from += block)
            blocks.push_back({static_cast<int32_t>(i), from, std::min(from + block, end), nullptr});
    const auto count = static_cast<int64_t>(blocks.size());
    double* partial = reinterpret_cast<double*>(e.scratch.block((count + 1) * static_cast<int64_t>(sizeof(double))));
    e.pool.parallel_for(count, [&](int64_t i) {
        const AdamWBlock& b = blocks[static_cast<size_t>(i)];
        partial[i] = e.kernels.sum_of_squares(gradients + b.from, b.to - b.from);
    });
    for (int64_t i = 0; i < count; i++)
        norms[static_cast<size_t>(blocks[static_cast<size_t>(i)].step)] += partial[i];
    for (double& norm : norms)
        norm = std::sqrt(norm);
}

AdamW step_of(const SealAdamWRow& row, double norm)
{
    const double clip = row.clip_norm > 0 ? row.clip_norm / (norm + 1e-6) : 1;
    AdamW a{};
    a.clip = static_cast<float>(clip > 1 ? 1 : clip);  // a NaN stays
    a.beta1 = static_cast<float>(row.beta1);
    a.one_minus_beta1 = static_cast<float>(1 - row.beta1);
    a.beta2 = static_cast<float>(row.beta2);
    a.one_minus_beta2 = static_cast<float>(1 - row.beta2);
    a.keep = static_cast<float>(1 - row.learning_rate * row.weight_decay);
    a.rate = static_cast<float>(row.learning_rate / (1 - power(row.beta1, row.step)));
    a.inverse_root_bias2 = static_cast<float>(1 / std::sqrt(1 - power(row.beta2, row.step)));
    a.epsilon = static_cast<float>(row.epsilon);
    return a;
}

// Cut where the adapters' factors are, or anywhere if nothing is to be packed.
void list_blocks(const SealAdamWRow& row, int32_t step, const SealAdapters* adapters, std::vector<AdamWBlock>& blocks)
{
    const int64_t end = row.offset + row.count;
    if (adapters == nullptr) {
        for (int64_t from = row.offset; from < end; from += block)
            blocks.push_back({step, from, std::min(from + block, end), nullptr});
        return;
    }
    const auto [first, last] = adapters->within(row.offset, row.count);
    for (int64_t i = adapters->first_block[static_cast<size_t>(first)]; i < adapters->first_block[static_cast<size_t>(last)]; i++) {
        const FactorBlock& b = adapters->blocks[static_cast<size_t>(i)];
        const Factors& f = adapters->factors[static_cast<size_t>(b.factors)];
        const int64_t width = b.is_a ? f.inputs : f.rank, from = (b.is_a ? f.a : f.b) + b.first * width;
        if (from + b.count * width > end)
            throw Error(SEAL_BAD_ARGUMENT, "the row of slot " + std::to_string(row.slot) + " ends within a factor of the adapters");
        blocks.push_back({step, from, from + b.count * width, &b});
    }
}

void run_blocks(SealEngine& e, const SealAdapters* adapters, const std::vector<AdamW>& steps, const std::vector<AdamWBlock>& blocks)
{
    const bool narrows = adapters != nullptr && adapters->type == SEAL_BF16;
    const int64_t own = narrows ? (adapters->widest_block * 2 + 63) / 64 * 64 : 0;
    std::byte* scratch = e.scratch.block(own * e.pool.threads());
    const auto count = static_cast<int64_t>(blocks.size());
    for (int32_t thread = 0; thread < e.pool.threads(); thread++)
        e.shares.give(thread, static_cast<uint32_t>(count * thread / e.pool.threads()), static_cast<uint32_t>(count * (thread + 1) / e.pool.threads()));
    e.pool.parallel_for(e.pool.threads(), [&](int64_t thread) {
        std::byte* narrow = narrows ? scratch + thread * own : nullptr;
        for (uint32_t i; e.shares.take(static_cast<int32_t>(thread), i);) {
            const AdamWBlock& b = blocks[i];
            e.kernels.adamw(steps[static_cast<size_t>(b.step)], b.from, b.to, narrow);
            if (b.factors != nullptr)
                adapters->pack(e, *b.factors, narrows ? narrow : reinterpret_cast<const std::byte*>(steps[static_cast<size_t>(b.step)].parameters + b.from));
        }
    });
}

}  // namespace

}  // namespace seal

int64_t seal_sizeof_adamw_row() noexcept
{
    return sizeof(SealAdamWRow);
}

SealStatus seal_adamw(
    SealEngine* engine, const SealAdapters* adapters, const SealAdamWRow* table, int64_t rows, float* parameters, float* gradients, float* first,
    float* second, int64_t total, float* norms, int64_t slots) noexcept
{
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
        for (int64_t i = 0; i < rows; i++)
            seal::check_adamw_row(table[i], total, slots, adapters != nullptr && adapters->noting());
        if (adapters != nullptr && seal::usable_adapters(e, adapters->type, adapters).parameters != total)
            throw seal::Error(SEAL_BAD_ARGUMENT, "total is " + std::to_string(total) + ", the adapters have " + std::to_string(adapters->parameters) + " parameters");
        std::vector<seal::AdamW>& steps = e.adamw_steps;
        std::vector<seal::AdamWBlock>& blocks = e.adamw_blocks;
        seal::take_norms(e, adapters, table, rows, gradients, e.adamw_norms);
        steps.clear();
        blocks.clear();
        for (int64_t i = 0; i < rows; i++) {
            const SealAdamWRow& row = table[i];
            const double norm = e.adamw_norms[static_cast<size_t>(i)];
            norms[row.slot] = static_cast<float>(norm);
            seal::AdamW step = seal::step_of(row, norm);
            step.parameters = parameters;
            step.gradients = gradients;
            step.first = first;
            step.second = second;
            steps.push_back(step);
            seal::list_blocks(row, static_cast<int32_t>(i), adapters, blocks);
        }
        seal::run_blocks(e, adapters, steps, blocks);
        for (int64_t i = 0; i < rows && adapters != nullptr; i++) {
            const auto [first, end] = adapters->within(table[i].offset, table[i].count);
            adapters->clear_squares(e, first, end);
        }
    });
}
