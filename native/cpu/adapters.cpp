#include "adapters.hpp"

#include "factor_shape.hpp"
#include "status.hpp"

#include <algorithm>
#include <memory>

namespace seal {

namespace {

constexpr int64_t block_elements = 16384;  // a block's values, moments and gradient stay in the level-2 cache

void add_blocks(SealAdapters& adapters, int32_t index, bool is_a, int32_t rows, int64_t row_elements, int32_t step)
{
    const int64_t many = is_a ? step : std::max<int64_t>(1, block_elements / (step * row_elements)) * step;
    for (int64_t first = 0; first < rows; first += many) {
        const int64_t count = std::min(many, rows - first);
        adapters.blocks.push_back({index, is_a, static_cast<int32_t>(first), static_cast<int32_t>(count)});
        adapters.widest_block = std::max(adapters.widest_block, count * row_elements);
    }
}

int64_t padded_bytes(const SealEngine& e, SealDType type, int32_t k, int32_t columns)
{
    return (packed_elements(e, type, k, columns) * size_of(type) + 63) / 64 * 64;
}

std::unique_ptr<SealAdapters> make(const SealEngine& e, SealDType type, const SealFactorShape* shapes, int64_t count, int64_t parameters)
{
    auto made = std::make_unique<SealAdapters>();
    made->type = type;
    made->isa = e.isa;
    made->parameters = parameters;
    int64_t end = 0, bytes = 0;
    for (int64_t i = 0; i < count; i++) {
        const SealFactorShape& f = shapes[i];
        check_factor_shape(f, end, parameters, i);
        end = f.b + int64_t{f.rank} * f.outputs;
        made->factors.push_back({f.rank, f.inputs, f.outputs, f.a, f.b, nullptr, nullptr, nullptr, nullptr, nullptr});
        made->first_block.push_back(static_cast<int64_t>(made->blocks.size()));
        add_blocks(*made, static_cast<int32_t>(i), true, f.rank, f.inputs, e.kernels.panel_columns);
        add_blocks(*made, static_cast<int32_t>(i), false, f.outputs, f.rank, e.kernels.panel_columns);
        bytes += padded_bytes(e, type, f.inputs, f.rank) + padded_bytes(e, type, f.rank, f.outputs);
    }
    made->first_block.push_back(static_cast<int64_t>(made->blocks.size()));
    std::byte* at = made->forward.block(bytes);
    for (Factors& f : made->factors) {
        f.forward_a = at;
        f.forward_b = at += padded_bytes(e, type, f.inputs, f.rank);
        at += padded_bytes(e, type, f.rank, f.outputs);
    }
    return made;
}

void make_backward(const SealEngine& e, SealAdapters& adapters)
{
    int64_t bytes = 0, tiles = 0;
    for (const Factors& f : adapters.factors) {
        bytes += padded_bytes(e, adapters.type, f.outputs, f.rank) + padded_bytes(e, adapters.type, f.rank, f.inputs);
        tiles += tiles_of_both(e, f);
    }
    adapters.squares.assign(static_cast<size_t>(tiles), 0);
    double* squares = adapters.squares.data();
    std::byte* at = adapters.backward.block(bytes);
    for (Factors& f : adapters.factors) {
        f.squares = squares;
        squares += tiles_of_both(e, f);
        f.backward_b = at;
        f.backward_a = at += padded_bytes(e, adapters.type, f.outputs, f.rank);
        at += padded_bytes(e, adapters.type, f.rank, f.inputs);
    }
}

// Rows first .. of a row-major matrix [k = rows, columns] into all its panels.
void pack_rows_of_k(const SealEngine& e, SealDType type, const std::byte* values, int32_t first, int32_t count, int32_t rows, int32_t columns, std::byte* panels)
{
    const int64_t size = size_of(type), width = e.kernels.panel_columns, lanes = e.kernels.lanes, stride = panel_stride(e, type, rows);
    for (int64_t panel = 0; panel * width < columns; panel++) {
        const int64_t n = std::min<int64_t>(width, columns - panel * width), wide = (n + lanes - 1) / lanes * lanes;
        e.kernels.pack_panel(type, false, true, values + panel * width * size, columns, count, n, panels + (panel * stride + first * wide) * size);
    }
}

// Rows first .. of a row-major matrix [columns, k], whole panels of them.
void pack_rows_as_columns(const SealEngine& e, SealDType type, const std::byte* values, int32_t first, int32_t count, int32_t k, std::byte* panels)
{
    const int64_t size = size_of(type), width = e.kernels.panel_columns, stride = panel_stride(e, type, k);
    for (int64_t row = 0; row < count; row += width)
        e.kernels.pack_panel(type, true, true, values + row * k * size, k, k, std::min(width, count - row), panels + (first + row) / width * stride * size);
}

}  // namespace

int64_t tiles_of_a(const SealEngine& engine, const Factors& f)
{
    return tiles_of(engine, f.rank, f.inputs);
}

int64_t tiles_of_both(const SealEngine& engine, const Factors& f)
{
    return tiles_of_a(engine, f) + tiles_of(engine, f.rank, f.outputs);
}

const SealAdapters& usable_adapters(const SealEngine& engine, SealDType type, const SealAdapters* adapters)
{
    const SealAdapters& a = required(adapters, "adapters");
    if (a.type != type || a.isa != engine.isa)
        throw Error(SEAL_BAD_ARGUMENT, "adapters were made for type " + std::to_string(a.type) + " on " + isa_name(a.isa) + ", not for type " +
            std::to_string(type) + " on " + isa_name(engine.isa));
    return a;
}

}  // namespace seal

void SealAdapters::pack(const SealEngine& engine, const seal::FactorBlock& block, const void* values) const
{
    const seal::Factors& f = factors[static_cast<size_t>(block.factors)];
    const std::byte* from = static_cast<const std::byte*>(values);
    const int32_t k = block.is_a ? f.inputs : f.rank;
    seal::pack_rows_as_columns(engine, type, from, block.first, block.count, k, block.is_a ? f.forward_a : f.forward_b);
    if (f.backward_a != nullptr)
        seal::pack_rows_of_k(engine, type, from, block.first, block.count, block.is_a ? f.rank : f.outputs, k, block.is_a ? f.backward_a : f.backward_b);
}

void SealAdapters::clear_squares(const SealEngine& engine, int64_t first, int64_t end) const
{
    for (int64_t i = first; i < end; i++)
        if (const seal::Factors& f = factors[static_cast<size_t>(i)]; f.squares != nullptr)
            std::fill_n(f.squares, seal::tiles_of_both(engine, f), 0.0);
}

std::pair<int64_t, int64_t> SealAdapters::within(int64_t offset, int64_t count) const
{
    const auto index = [this](int64_t element) {
        return std::lower_bound(factors.begin(), factors.end(), element, [](const seal::Factors& f, int64_t at) { return f.a < at; }) - factors.begin();
    };
    return {index(offset), index(offset + count)};
}

int64_t seal_sizeof_factor_shape() noexcept
{
    return sizeof(SealFactorShape);
}

SealStatus seal_adapters_create(
    SealEngine* engine, SealDType type, const SealFactorShape* factors, int64_t count, int64_t parameters, SealAdapters** adapters) noexcept
{
    return seal::guarded([&] {
        SealAdapters*& result = seal::required(adapters, "adapters");
        result = nullptr;
        const SealEngine& e = seal::required(engine, "engine");
        seal::activation_type(type);
        seal::element_count(parameters, "parameters");
        if (seal::element_count(count, "count") > INT32_MAX)
            throw seal::Error(SEAL_BAD_ARGUMENT, "count is " + std::to_string(count) + ", expected at most " + std::to_string(INT32_MAX));
        if (count > 0)
            seal::required_memory(factors, "factors");
        result = seal::make(e, type, factors, count, parameters).release();
    });
}

void seal_adapters_destroy(SealAdapters* adapters) noexcept
{
    delete adapters;
}

SealStatus seal_adapters_publish(
    SealEngine* engine, SealAdapters* adapters, const float* parameters, int64_t offset, int64_t count, int32_t training) noexcept
{
    return seal::guarded([&] {
        SealEngine& e = seal::required(engine, "engine");
        SealAdapters& a = seal::required(adapters, "adapters");
        seal::usable_adapters(e, a.type, adapters);
        seal::element_count(offset, "offset");
        if (seal::element_count(count, "count") > a.parameters - offset)
            throw seal::Error(SEAL_BAD_ARGUMENT, std::to_string(count) + " elements from " + std::to_string(offset) + " do not lie within " +
                std::to_string(a.parameters) + " parameters");
        seal::required_memory(parameters, "parameters");
        if (training != 0 && !a.factors.empty() && a.factors[0].backward_a == nullptr) {
            seal::make_backward(e, a);
            offset = 0;
            count = a.parameters;
        }
        const auto [first, end] = a.within(offset, count);
        if (training != 0)
            a.clear_squares(e, first, end);
        const int64_t start = a.first_block[static_cast<size_t>(first)], blocks = a.first_block[static_cast<size_t>(end)] - start;
        const int64_t own = (a.widest_block * 2 + 63) / 64 * 64;
        std::byte* narrow = a.type == SEAL_BF16 ? e.scratch.block(own * e.pool.threads()) : nullptr;
        e.pool.parallel_for(e.pool.threads(), [&](int64_t thread) {
            for (int64_t i = start + blocks * thread / e.pool.threads(), last = start + blocks * (thread + 1) / e.pool.threads(); i < last; i++) {
                const seal::FactorBlock& block = a.blocks[static_cast<size_t>(i)];
                const seal::Factors& f = a.factors[static_cast<size_t>(block.factors)];
                const int64_t row = block.is_a ? f.inputs : f.rank;
                const float* values = parameters + (block.is_a ? f.a : f.b) + block.first * row;
                if (narrow != nullptr)
                    e.kernels.narrow_weights(values, narrow + thread * own, block.count * row);
                a.pack(e, block, narrow == nullptr ? static_cast<const void*>(values) : narrow + thread * own);
            }
        });
    });
}
