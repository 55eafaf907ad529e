#include "adamw.hpp"

#include "engine.hpp"
#include "shape.hpp"

#include <cmath>

namespace seal {

namespace {

// Counted from an adapter's first parameter: the norm's partial sums are the same wherever the adapter lies.
constexpr int64_t block = 4096;

// By squaring: a libm's pow may differ from machine to machine.
double power(double base, int32_t exponent)
{
    double result = 1;
    for (; exponent > 0; exponent /= 2, base *= base)
        if (exponent % 2 != 0)
            result *= base;
    return result;
}

double norm(SealEngine& e, const float* gradients, int64_t count)
{
    const int64_t blocks = (count + block - 1) / block;
    double* partial = reinterpret_cast<double*>(e.scratch.block((blocks + 1) * static_cast<int64_t>(sizeof(double))));
    e.pool.parallel_blocks(count, block, [&](int64_t first, int64_t last) {
        partial[first / block] = e.kernels.sum_of_squares(gradients + first, last - first);
    });
    double sum = 0;
    for (int64_t i = 0; i < blocks; i++)
        sum += partial[i];
    return std::sqrt(sum);
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

void check(const SealAdamWRow& row, int64_t total, int64_t slots)
{
    const auto name = [&] { return "the row of slot " + std::to_string(row.slot); };  // made only to refuse: a step allocates nothing
    if (row.slot < 0 || row.slot >= slots)
        throw Error(SEAL_BAD_ARGUMENT, name() + ": expected 0 to " + std::to_string(slots - 1));
    if (row.offset < 0 || row.count < 0 || row.offset > total || row.count > total - row.offset)
        throw Error(SEAL_BAD_ARGUMENT, name() + " covers " + std::to_string(row.count) + " elements from " + std::to_string(row.offset) +
            ", expected a part of " + std::to_string(total));
    if (row.step < 1)
        throw Error(SEAL_BAD_ARGUMENT, name() + " has step " + std::to_string(row.step) + ", expected at least 1");
}

}  // namespace

}  // namespace seal

int64_t seal_sizeof_adamw_row() noexcept
{
    return sizeof(SealAdamWRow);
}

SealStatus seal_adamw(
    SealEngine* engine, const SealAdamWRow* table, int64_t rows, float* parameters, float* gradients, float* first, float* second,
    void* working, int64_t total, float* norms, int64_t slots) noexcept
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
            seal::check(table[i], total, slots);
        for (int64_t i = 0; i < rows; i++) {
            const SealAdamWRow& row = table[i];
            const double norm = seal::norm(e, gradients + row.offset, row.count);
            norms[row.slot] = static_cast<float>(norm);
            seal::AdamW step = seal::step_of(row, norm);
            step.parameters = parameters + row.offset;
            step.gradients = gradients + row.offset;
            step.first = first + row.offset;
            step.second = second + row.offset;
            step.working = working == nullptr ? nullptr : static_cast<uint16_t*>(working) + row.offset;
            e.pool.parallel_blocks(row.count, seal::block, [&](int64_t from, int64_t to) { e.kernels.adamw(step, from, to); });
        }
    });
}
