// A group of linears over weights in blocks: x once into the order that the kernel reads, z of all adapters, then every strip of every
// member, dealt to the threads. Of gate and up a thread takes the same strips, and gates them where it alone sees them.
#include "adapters.hpp"
#include "dtype.hpp"
#include "engine.hpp"
#include "gated.hpp"
#include "quantized_weight.hpp"
#include "segments.hpp"
#include "streamed_rows.hpp"

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
        check_gated(in_);
        if (in_.segment_count > 0)
            widest_rank_ = check_segments(in_, usable_adapters(e_, in_.type, in_.adapters));
    }

    void run()
    {
        lay_out();
        if (shared_x_)
            e_.pool.parallel_for((in_.rows + tile_ - 1) / tile_, [&](int64_t i) { pack(i * tile_, 0); });
        if (widest_rank_ > 0)
            project();
        multiply();
    }

private:
    void pack(int64_t row, int64_t thread) const
    {
        e_.kernels.pack_activations(in_.type, in_.x, in_.inputs, std::min(tile_, in_.rows - row), row, packed(thread), sums(thread));
    }

    std::byte* packed(int64_t thread) const { return shared_x_ ? packed_ : e_.own.of(thread); }
    float* sums(int64_t thread) const { return reinterpret_cast<float*>(packed(thread) + sums_offset_); }
    float* columns(int64_t thread) const { return reinterpret_cast<float*>(e_.own.of(thread) + columns_offset_); }
    std::byte* gates(int64_t thread) const { return e_.own.of(thread) + gates_offset_; }

    const SealLoraFactors& chosen(int64_t segment, int64_t member) const { return in_.factors[segment * in_.member_count + member]; }

    // A member's factors on a segment; null for none.
    const Factors* factors(int64_t segment, int64_t member) const
    {
        const int32_t index = chosen(segment, member).factors;
        return index < 0 ? nullptr : &in_.adapters->factors[static_cast<size_t>(index)];
    }

    // Scratch: packed x and its block sums, and the tables of adapted rows; each thread's own: 16 columns of a Bᵀ, a unit's gate and up. Few
    // rows are packed by every thread for itself: that is done sooner than one of them could hand it to the others.
    void lay_out()
    {
        tile_ = e_.kernels.quantized_tile_rows();
        shared_x_ = in_.rows > tile_;
        const int64_t padded = (in_.rows + tile_ - 1) / tile_ * tile_;
        const auto lines = [](int64_t bytes) { return (bytes + 63) / 64 * 64; };
        sums_offset_ = lines(padded * in_.inputs * 4);
        const int64_t x_bytes = sums_offset_ + lines(padded * (in_.inputs / block_length) * 4);
        columns_offset_ = shared_x_ ? 0 : x_bytes;
        gates_offset_ = columns_offset_ + lines(int64_t{widest_rank_} * strip_rows * 4);
        e_.own.reserve(gates_offset_ + (in_.gated == nullptr ? 0 : 2 * in_.rows * unit_strips() * strip_rows * size_));
        const int64_t low_rank_bytes = int64_t{in_.member_count} * in_.segment_count * static_cast<int64_t>(sizeof(LowRankRows));
        std::byte* scratch = e_.scratch.block(low_rank_bytes + (shared_x_ ? lines(low_rank_bytes) - low_rank_bytes + x_bytes : 0));
        own_ = reinterpret_cast<LowRankRows*>(scratch);
        packed_ = scratch + lines(low_rank_bytes);
    }

    // z = s·x·Aᵀ of every adapted segment and member, as the panels' products have it; and the tables of where z·Bᵀ is to be added.
    void project()
    {
        WorkList& work = e_.work;
        work.clear();
        work.terms.reserve(static_cast<size_t>(in_.segment_count) * static_cast<size_t>(in_.member_count));
        std::fill_n(own_, int64_t{in_.member_count} * in_.segment_count, LowRankRows{});
        for (int64_t s = 0; s < in_.segment_count; s++) {
            const SealRowSegment& rows = in_.segments[s];
            int64_t column = 0;
            for (int32_t i = 0; i < in_.member_count; i++) {
                const Factors* f = factors(s, i);
                if (f == nullptr)
                    continue;
                std::byte* z = static_cast<std::byte*>(in_.z) + column * size_;
                work.terms.push_back(packed_term(e_, in_.type, static_cast<const std::byte*>(in_.x) + int64_t{rows.start} * in_.inputs * size_, in_.inputs, f->forward_a, in_.inputs));
                Product p{};
                p.type = in_.type;
                p.rows = rows.count;
                p.columns = f->rank;
                p.terms = &work.terms.back();
                p.term_count = 1;
                p.scale = chosen(s, i).scale;
                p.store = Store::activations;
                p.y = z + int64_t{rows.start} * in_.z_width * size_;
                p.ldy = in_.z_width;
                work.products.push_back(p);
                own_[int64_t{i} * in_.segment_count + s] = {rows.start, rows.count, f->rank, z, in_.z_width, f->forward_b, panel_stride(e_, in_.type, f->rank)};
                column += f->rank;
            }
        }
        run_work(e_, in_.type);
    }

    // A unit is some neighbouring strips of one member, or of gate and up: as few as are worth the taking, so that both threads end at the
    // same time.
    int64_t unit_strips() const { return in_.rows <= few_rows ? 8 : 2; }
    int64_t units_of(int32_t member) const { return (in_.members[member].weight->strip_count() + unit_strips() - 1) / unit_strips(); }

    void multiply()
    {
        int64_t total = 0;
        for (int32_t i = 0; i < (in_.gated == nullptr ? in_.member_count : 1); i++)
            total += units_of(i);
        const int32_t threads = e_.pool.threads();
        for (int32_t thread = 0; thread < threads; thread++)
            e_.shares.give(thread, static_cast<uint32_t>(total * thread / threads), static_cast<uint32_t>(total * (thread + 1) / threads));
        const std::vector<Ahead>* const next = note_starts(total);
        e_.pool.parallel_for(threads, [&](int64_t thread) {
            const uint32_t end = static_cast<uint32_t>(total * (thread + 1) / threads);
            const Ahead afterwards = next == nullptr ? Ahead{} : (*next)[static_cast<size_t>(thread)];
            bool packed_yet = shared_x_;
            for (uint32_t unit; e_.shares.take(static_cast<int32_t>(thread), unit); packed_yet = true) {
                if (!packed_yet)
                    pack(0, thread);
                const auto [member, first] = place_of(unit);
                const bool ends = unit + 1 == end;
                if (in_.gated != nullptr)
                    gate(first, thread, ends ? afterwards : strips_of(0, first + unit_strips()), ends ? afterwards : strips_of(1, first + unit_strips()));
                else
                    multiply(member, first, thread, in_.members[member].y, in_.members[member].weight->rows, 0, ends ? afterwards : start_of(unit + 1));
            }
            streamed();
        });
    }

    struct UnitPlace {
        int32_t member;
        int64_t strip;
    };

    UnitPlace place_of(int64_t unit) const
    {
        int32_t member = 0;
        for (; in_.gated == nullptr && unit >= units_of(member) && member + 1 < in_.member_count; member++)
            unit -= units_of(member);
        return {member, unit * unit_strips()};
    }

    // A member's strips from one on, and bytes from strip to strip.
    Ahead strips_of(int32_t member, int64_t strip) const
    {
        const SealQuantizedWeight& w = *in_.members[member].weight;
        return {w.strips.get() + strip * w.strip_bytes(), w.strip_bytes(), false};
    }

    Ahead start_of(int64_t unit) const
    {
        const auto [member, strip] = place_of(unit);
        return strips_of(member, strip);
    }

    // Where each thread begins, for the linears before these when they come again; returns where they will go on after these, or null.
    const std::vector<Ahead>* note_starts(int64_t total) const
    {
        std::vector<Ahead>& starts = e_.work.starts;
        starts.clear();
        for (int32_t thread = 0; thread < e_.pool.threads(); thread++)
            starts.push_back(start_of(total * thread / e_.pool.threads()));
        return e_.quantized_successors.begin(in_.members[0].weight->strips.get(), starts);
    }

    // silu(gate)·up of the columns of a unit. What another thread has read, the next one to write it waits for: of three matrices this leaves one, and of more than
    // a few rows that one goes past the caches.
    void gate(int64_t first, int64_t thread, const Ahead& beyond_gate, const Ahead& beyond_up) const
    {
        const int64_t columns = in_.members[0].weight->rows, from = first * strip_rows, width = std::min(unit_strips() * strip_rows, columns - from);
        std::byte *const gate = gates(thread), *const up = gate + in_.rows * width * size_, *const gated = static_cast<std::byte*>(in_.gated) + from * size_;
        multiply(0, first, thread, gate, width, from, beyond_gate);
        multiply(1, first, thread, up, width, from, beyond_up);
        e_.kernels.swiglu({in_.type, gate, up, gate}, 0, in_.rows * width);
        in_.rows > few_rows ? stream_rows(gate, width * size_, in_.rows, gated, columns * size_) : copy_rows(gate, width * size_, in_.rows, gated, columns * size_);
    }

    // A unit of member i into y, which begins with first_column, in rows of ldy. beyond: what the thread goes on with.
    void multiply(int32_t i, int64_t first, int64_t thread, void* y, int64_t ldy, int64_t first_column, const Ahead& beyond) const
    {
        const SealQuantizedMember& member = in_.members[i];
        const SealQuantizedWeight& w = *member.weight;
        const int64_t last = std::min<int64_t>(first + unit_strips(), w.strip_count());
        const QuantizedProduct p{w.type, w.strips.get(), w.strip_bytes(), in_.type, in_.y_type, in_.rows, w.rows, w.columns, packed(thread), sums(thread),
            member.bias, y, ldy, first_column, own_ + int64_t{i} * in_.segment_count, widest_rank_ > 0 ? in_.segment_count : 0, static_cast<const uint8_t*>(beyond.lines), beyond.bytes};
        e_.kernels.quantized_product(p, first, last, columns(thread));
    }

    static constexpr int64_t few_rows = 4;

    SealEngine& e_;
    const SealQuantizedLinear& in_;
    int64_t size_;
    int32_t widest_rank_ = 0;
    int64_t tile_ = 0;
    bool shared_x_ = false;
    std::byte* packed_ = nullptr;  // x, where it is shared
    LowRankRows* own_ = nullptr;
    int64_t sums_offset_ = 0;                        // from packed x
    int64_t columns_offset_ = 0, gates_offset_ = 0;  // in each thread's own scratch
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
