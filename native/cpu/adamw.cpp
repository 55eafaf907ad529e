#include "adamw.hpp"

#include "engine.hpp"
#include "shape.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

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
    const std::string name = "the row of slot " + std::to_string(row.slot);
    if (row.slot < 0 || row.slot >= slots)
        throw Error(SEAL_BAD_ARGUMENT, name + ": expected 0 to " + std::to_string(slots - 1));
    if (row.offset < 0 || row.count < 0 || row.offset > total || row.count > total - row.offset)
        throw Error(SEAL_BAD_ARGUMENT, name + " covers " + std::to_string(row.count) + " elements from " + std::to_string(row.offset) +
            ", expected a part of " + std::to_string(total));
    if (row.step < 1)
        throw Error(SEAL_BAD_ARGUMENT, name + " has step " + std::to_string(row.step) + ", expected at least 1");
}

int64_t blocks_of(const SealAdamWRow& row)
{
    return (row.count + block - 1) / block;
}

// Elements of a table's part: its gradients, read for the norm, are still in the last-level cache when the step reads them again.
constexpr int64_t part_elements = 1 << 21;

// Rows of the table whose norms are taken in one parallel region and whose steps are made in a second one, whatever their number.
struct Part {
    std::vector<int64_t> starts;  // each row's first block, and the end of the last
    std::vector<AdamW> steps;

    // The row that a block belongs to; of rows without a block none.
    int64_t row_of(int64_t number) const { return std::upper_bound(starts.begin(), starts.end(), number) - starts.begin() - 1; }
};

// Rows first .. last of the table.
void step_part(SealEngine& e, const SealAdamWRow* table, int64_t first, int64_t last, const AdamW& arrays, float* norms)
{
    static thread_local Part part;  // keeps its memory, so that a step allocates nothing
    part.starts.assign(1, 0);
    part.steps.clear();
    for (int64_t i = first; i < last; i++)
        part.starts.push_back(part.starts.back() + blocks_of(table[i]));
    const Part& p = part;
    const int64_t blocks = p.starts.back();
    double* partial = reinterpret_cast<double*>(e.scratch.block((blocks + 1) * static_cast<int64_t>(sizeof(double))));
    const auto each_block = [&](int64_t number, auto&& body) {
        const int64_t row = p.row_of(number), from = (number - p.starts[static_cast<size_t>(row)]) * block;
        body(row, from, std::min(from + block, table[first + row].count));
    };
    e.pool.parallel_for(blocks, [&](int64_t number) {
        each_block(number, [&](int64_t row, int64_t from, int64_t to) {
            partial[number] = e.kernels.sum_of_squares(arrays.gradients + table[first + row].offset + from, to - from);
        });
    });
    for (int64_t i = first; i < last; i++) {
        const SealAdamWRow& row = table[i];
        double sum = 0;
        for (int64_t number = p.starts[static_cast<size_t>(i - first)]; number < p.starts[static_cast<size_t>(i - first) + 1]; number++)
            sum += partial[number];
        const double norm = std::sqrt(sum);
        norms[row.slot] = static_cast<float>(norm);
        AdamW step = step_of(row, norm);
        step.parameters = arrays.parameters + row.offset;
        step.gradients = arrays.gradients + row.offset;
        step.first = arrays.first + row.offset;
        step.second = arrays.second + row.offset;
        step.working = arrays.working == nullptr ? nullptr : static_cast<uint16_t*>(arrays.working) + row.offset;
        part.steps.push_back(step);
    }
    e.pool.parallel_for(blocks, [&](int64_t number) {
        each_block(number, [&](int64_t row, int64_t from, int64_t to) { e.kernels.adamw(p.steps[static_cast<size_t>(row)], from, to); });
    });
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
        seal::AdamW arrays{};
        arrays.parameters = parameters;
        arrays.gradients = gradients;
        arrays.first = first;
        arrays.second = second;
        arrays.working = working;
        for (int64_t from = 0, to = 0; from < rows; from = to) {
            int64_t elements = table[to++].count;
            while (to < rows && elements + table[to].count <= seal::part_elements)
                elements += table[to++].count;
            seal::step_part(e, table, from, to, arrays, norms);
        }
    });
}
