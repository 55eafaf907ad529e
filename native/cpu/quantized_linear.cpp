// A group of linears over weights in blocks: x once into the order that the kernel reads, z of all adapters, then every strip of every
// member, divided evenly among the threads.
#include "dtype.hpp"
#include "engine.hpp"
#include "quantized_weight.hpp"
#include "shape.hpp"

#include <algorithm>

namespace seal {

namespace {

class QuantizedLinear {
public:
    QuantizedLinear(SealEngine& engine, const SealQuantizedLinear& arguments) : e_(engine), in_(arguments)
    {
        size_ = size_of(activation_type(in_.type));
        activation_type(in_.y_type);
        at_least(1, in_.rows, "rows");
        at_least(1, in_.inputs, "inputs");
        at_least(1, in_.member_count, "member_count");
        at_least(0, in_.segment_count, "segment_count");
        elements(in_.rows, in_.inputs, "x");
        required_memory(in_.x, "x");
        required_memory(in_.members, "members");
        for (int32_t i = 0; i < in_.member_count; i++) {
            const SealQuantizedWeight& w = required(in_.members[i].weight, "a member's weight");
            if (w.columns != in_.inputs)
                throw Error(SEAL_BAD_ARGUMENT, "member " + std::to_string(i) + " has " + std::to_string(w.columns) + " inputs, the group has " + std::to_string(in_.inputs));
            required_memory(in_.members[i].y, "a member's y");
            elements(in_.rows, w.rows, "a member's y");
        }
        if (in_.segment_count > 0)
            check_segments();
    }

    void run()
    {
        lay_out();
        if (copies_ == 1)
            e_.pool.parallel_for((in_.rows + tile_ - 1) / tile_, [&](int64_t i) { pack(i * tile_, 0); });
        if (widest_rank_ > 0)
            project();
        multiply();
    }

private:
    void pack(int64_t row, int64_t copy) const
    {
        e_.kernels.pack_activations(in_.type, in_.x, in_.inputs, std::min(tile_, in_.rows - row), row, packed(copy), sums(copy));
    }

    std::byte* packed(int64_t copy) const { return packed_ + copy * copy_bytes_; }
    float* sums(int64_t copy) const { return reinterpret_cast<float*>(packed(copy) + sums_offset_); }

    const SealLoraFactors& factors(int64_t segment, int64_t member) const { return in_.factors[segment * in_.member_count + member]; }
    const std::byte* working(int64_t element) const { return static_cast<const std::byte*>(in_.working) + element * size_; }

    void check_segments()
    {
        required_memory(in_.segments, "segments");
        required_memory(in_.factors, "factors");
        for (int64_t s = 0, end = 0; s < in_.segment_count; s++) {
            const SealRowSegment& rows = in_.segments[s];
            if (rows.start < end || rows.count < 1 || rows.count > in_.rows - rows.start)
                throw Error(SEAL_BAD_ARGUMENT, "segment " + std::to_string(s) + " of " + std::to_string(rows.count) + " rows from " +
                    std::to_string(rows.start) + " does not follow the one before it within " + std::to_string(in_.rows) + " rows");
            end = rows.start + rows.count;
            int64_t width = 0;
            for (int32_t i = 0; i < in_.member_count; i++) {
                check_factors(factors(s, i), in_.members[i].weight->rows);
                width += factors(s, i).rank;
                widest_rank_ = std::max(widest_rank_, factors(s, i).rank);
            }
            if (width > in_.z_width)
                throw Error(SEAL_BAD_ARGUMENT, "segment " + std::to_string(s) + " has ranks of " + std::to_string(width) + " together, z is " +
                    std::to_string(in_.z_width) + " wide");
        }
        if (widest_rank_ == 0)
            return;
        required_memory(in_.z, "z");
        elements(in_.rows, in_.z_width, "z");
        required_memory(in_.working, "working");
    }

    void check_factors(const SealLoraFactors& f, int64_t outputs) const
    {
        const auto outside = [&](int64_t start, int64_t count) { return start < 0 || start > in_.parameters || count > in_.parameters - start; };
        if (f.rank < 0 || (f.rank > 0 && (outside(f.a, int64_t{f.rank} * in_.inputs) || outside(f.b, f.rank * outputs))))
            throw Error(SEAL_BAD_ARGUMENT, "factors of rank " + std::to_string(f.rank) + " at " + std::to_string(f.a) + " and " +
                std::to_string(f.b) + " do not lie within " + std::to_string(in_.parameters) + " parameters");
    }

    // Scratch: packed x and its block sums, the tables of adapted rows, and 16 columns of a Bᵀ for every thread. Few rows are packed by
    // every thread for itself: that is done sooner than one of them could hand it to the others.
    void lay_out()
    {
        tile_ = e_.kernels.quantized_tile_rows();
        copies_ = in_.rows <= tile_ ? e_.pool.threads() : 1;
        const int64_t padded = (in_.rows + tile_ - 1) / tile_ * tile_;
        const auto lines = [](int64_t bytes) { return (bytes + 63) / 64 * 64; };
        sums_offset_ = lines(padded * in_.inputs * 4);
        copy_bytes_ = sums_offset_ + lines(padded * (in_.inputs / block_length) * 4);
        const int64_t own = lines(int64_t{in_.member_count} * in_.segment_count * static_cast<int64_t>(sizeof(LowRankRows)));
        columns_bytes_ = lines(int64_t{widest_rank_} * strip_rows * 4);
        packed_ = e_.scratch.block(copies_ * copy_bytes_ + own + columns_bytes_ * e_.pool.threads());
        own_ = reinterpret_cast<LowRankRows*>(packed_ + copies_ * copy_bytes_);
        columns_ = packed_ + copies_ * copy_bytes_ + own;
    }

    // z = s·x·Aᵀ of every adapted segment and member, a row of A after the other; and the tables of where z·Bᵀ is to be added.
    void project()
    {
        int64_t total = 0;
        for (int64_t s = 0; s < in_.segment_count; s++)
            for (int32_t i = 0; i < in_.member_count; i++)
                total += int64_t{factors(s, i).rank} * in_.segments[s].count;
        const int64_t threads = e_.pool.threads();
        e_.pool.parallel_for(threads, [&](int64_t thread) {
            const int64_t low = total * thread / threads, high = total * (thread + 1) / threads;
            int64_t start = 0;
            each_adapted([&](const SealRowSegment& rows, const SealLoraFactors& f, std::byte* z, int32_t, int64_t) {
                const auto part_at = [&](int64_t point) { return std::clamp<int64_t>((point - start + rows.count - 1) / rows.count, 0, f.rank); };
                const int64_t first = low <= start ? 0 : part_at(low), last = high <= start ? 0 : part_at(high);
                const auto* x = static_cast<const std::byte*>(in_.x) + int64_t{rows.start} * in_.inputs * size_;
                if (first < last)
                    e_.kernels.project_low_rank({in_.type, rows.count, in_.inputs, x, working(f.a), f.scale, z, in_.z_width}, first, last);
                start += int64_t{f.rank} * rows.count;
            });
        });
        std::fill_n(own_, int64_t{in_.member_count} * in_.segment_count, LowRankRows{});
        each_adapted([&](const SealRowSegment& rows, const SealLoraFactors& f, std::byte* z, int32_t member, int64_t segment) {
            // z as if it began with row 0, as the kernel counts.
            const auto* from = z - int64_t{rows.start} * in_.z_width * size_;
            own_[int64_t{member} * in_.segment_count + segment] = {rows.start, rows.count, f.rank, from, in_.z_width, working(f.b)};
        });
    }

    // visit(rows, factors, their z, member, segment) for each pair with an adapter, in order.
    template <typename Visit>
    void each_adapted(Visit&& visit) const
    {
        for (int64_t s = 0; s < in_.segment_count; s++) {
            int64_t column = 0;
            for (int32_t i = 0; i < in_.member_count; i++) {
                const SealLoraFactors& f = factors(s, i);
                if (f.rank > 0)
                    visit(in_.segments[s], f, static_cast<std::byte*>(in_.z) + (int64_t{in_.segments[s].start} * in_.z_width + column) * size_, i, s);
                column += f.rank;
            }
        }
    }

    void multiply()
    {
        int64_t total = 0;
        for (int32_t i = 0; i < in_.member_count; i++)
            total += in_.members[i].weight->strip_count();
        const int64_t threads = e_.pool.threads();
        e_.pool.parallel_for(threads, [&](int64_t thread) {
            const int64_t low = total * thread / threads, high = total * (thread + 1) / threads, copy = copies_ == 1 ? 0 : thread;
            if (copies_ > 1 && low < high)
                pack(0, thread);
            int64_t start = 0;
            for (int32_t i = 0; i < in_.member_count; i++) {
                const SealQuantizedMember& member = in_.members[i];
                const SealQuantizedWeight& w = *member.weight;
                const int64_t first = std::clamp<int64_t>(low - start, 0, w.strip_count()), last = std::clamp<int64_t>(high - start, 0, w.strip_count());
                start += w.strip_count();
                if (first >= last)
                    continue;
                const QuantizedProduct p{w.type, w.strips.get(), w.strip_bytes(), in_.type, in_.y_type, in_.rows, w.rows, w.columns, packed(copy), sums(copy),
                    member.bias, member.y, own_ + int64_t{i} * in_.segment_count, widest_rank_ > 0 ? in_.segment_count : 0};
                e_.kernels.quantized_product(p, first, last, reinterpret_cast<float*>(columns_ + thread * columns_bytes_));
            }
        });
    }

    SealEngine& e_;
    const SealQuantizedLinear& in_;
    int64_t size_;
    int32_t widest_rank_ = 0;
    int64_t tile_ = 0, copies_ = 0, copy_bytes_ = 0, sums_offset_ = 0;
    std::byte* packed_ = nullptr;
    LowRankRows* own_ = nullptr;
    std::byte* columns_ = nullptr;
    int64_t columns_bytes_ = 0;
};

}  // namespace

}  // namespace seal

SealStatus seal_quantized_linear(SealEngine* engine, const SealQuantizedLinear* arguments) noexcept
{
    return seal::guarded([&] { seal::QuantizedLinear(seal::required(engine, "engine"), seal::required(arguments, "arguments")).run(); });
}

int64_t seal_sizeof_quantized_linear() noexcept
{
    return sizeof(SealQuantizedLinear);
}
