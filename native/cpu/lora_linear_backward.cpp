// dx = Σ_i [dy_i | dz_i]·[W_i ; A_i] with dz_i = s·dy_i·B_i; dA_i += dz_iᵀ·x and dB_i += dy_iᵀ·z_i, summed over a segment's rows in
// their order, and beside them go the sums of their squares, for the clip. Every product of rows runs with x or dy as b, interleaved panel by panel where it is used; only z and dz, which are
// as narrow as the ranks, are transposed.
#include "lora_group.hpp"

#include <algorithm>

namespace seal {

namespace {

class Backward {
public:
    Backward(SealEngine& engine, const SealLoraLinear& arguments) : e_(engine), g_(engine, arguments)
    {
        if (g_.adapted_segments == 0)
            return;
        required_memory(g_.in.gradients, "gradients");
        if (g_.in.adapters->factors[0].backward_a == nullptr)
            throw Error(SEAL_BAD_ARGUMENT, "adapters were never published for training");
    }

    void run()
    {
        e_.work.clear();
        if (g_.adapted_segments > 0) {
            Pieces pieces;
            lay_out(pieces, false);
            pieces.start(e_.scratch);
            lay_out(pieces, true);
            project();
        }
        combine();
    }

private:
    void lay_out(Pieces& pieces, bool keep)
    {
        const int64_t z_bytes = int64_t{g_.in.rows} * g_.in.z_width * g_.size;
        dz_ = pieces.take(z_bytes);
        dz_transposed_ = pieces.take(z_bytes);
        z_transposed_ = pieces.take(z_bytes);
        int32_t deepest = 0;
        for (int32_t s = 0; s < g_.in.segment_count; s++) {
            const SealRowSegment& rows = g_.in.segments[s];
            if (g_.group_rank(s) > 0)
                deepest = std::max(deepest, rows.count);
            if (!shares_x(s))
                continue;
            std::byte* x = pieces.take(packed_elements(e_, g_.in.type, rows.count, g_.in.inputs) * g_.size);
            if (keep)
                e_.work.packings.push_back({false, g_.x(rows.start), g_.in.inputs, rows.count, g_.in.inputs, x});
        }
        panel_bytes_ = (panel_stride(e_, g_.in.type, deepest) * g_.size + 63) / 64 * 64;
        panels_ = pieces.take(panel_bytes_ * e_.pool.threads());
    }

    // Several members read this segment's x as b of dA: it is interleaved once. With one member it is on the way.
    bool shares_x(int32_t segment) const
    {
        int32_t adapted = 0;
        for (int32_t i = 0; i < g_.in.member_count; i++)
            adapted += g_.factors(segment, i) != nullptr;
        return adapted > 1;
    }

    // dz = s·dy·B, as it is for dx and transposed for dA; beside it zᵀ for dB and the shared x.
    void project()
    {
        WorkList& work = e_.work;
        for (const Packing& x : work.packings)
            work.shared_x.push_back(static_cast<const std::byte*>(x.packed));
        for (int32_t s = 0; s < g_.in.segment_count; s++)
            if (const int32_t rank = g_.group_rank(s); rank > 0) {
                const SealRowSegment& rows = g_.in.segments[s];
                work.transpositions.push_back({g_.z(rows.start, 0), g_.in.z_width, rows.count, rank, z_transposed_ + rows.start * g_.size, g_.in.rows});
            }
        work.terms.reserve(static_cast<size_t>(g_.in.segment_count) * static_cast<size_t>(g_.in.member_count));
        g_.each_adapted([&](int32_t segment, int32_t member, const Factors& f, int32_t column) {
            const SealRowSegment& rows = g_.in.segments[segment];
            work.terms.push_back(packed_term(e_, g_.in.type, g_.y(member, rows.start), f.outputs, f.backward_b, f.outputs));
            Product p = g_.product(rows.count, f.rank, &work.terms.back(), 1, dz_ + at(rows.start, column), g_.in.z_width);
            p.scale = g_.chosen(segment, member).scale;
            p.transposed = dz_transposed_ + transposed_at(rows.start, column);
            p.ldt = g_.in.rows;
            work.products.push_back(p);
        });
        run_work(e_, g_.in.type);
        work.terms.clear();
    }

    void combine()
    {
        WorkList& work = e_.work;
        const auto members = static_cast<size_t>(g_.in.member_count), segments = static_cast<size_t>(g_.in.segment_count);
        work.terms.reserve(members + 3 * members * segments);  // dx's common terms; each adapter's for dx, dA, dB
        if (g_.in.dx != nullptr)
            add_input_gradient();
        // An adapter on several segments takes them one after the other: their sums end in the same place.
        const int32_t waves = number_waves();
        for (int32_t wave = 0; wave < waves; wave++) {
            add_adapter_gradients(wave);
            run_work(e_, g_.in.type, panels_, panel_bytes_);
        }
    }

    // How many earlier segments, at most, lie under each segment's adapter; returns the number of waves, at least one for dx.
    int32_t number_waves()
    {
        std::vector<int32_t>& wave = e_.work.wave_of_segment;
        wave.assign(static_cast<size_t>(g_.in.segment_count), 0);
        int32_t waves = 1;
        for (int32_t s = 0; s < g_.in.segment_count; s++) {
            for (int32_t earlier = 0; earlier < s; earlier++)
                if (share_an_adapter(earlier, s))
                    wave[static_cast<size_t>(s)] = std::max(wave[static_cast<size_t>(s)], wave[static_cast<size_t>(earlier)] + 1);
            waves = std::max(waves, wave[static_cast<size_t>(s)] + 1);
        }
        return waves;
    }

    bool share_an_adapter(int32_t one, int32_t other) const
    {
        for (int32_t i = 0; i < g_.in.member_count; i++)
            if (g_.factors(one, i) != nullptr && g_.factors(one, i) == g_.factors(other, i))
                return true;
        return false;
    }

    void add_input_gradient()
    {
        WorkList& work = e_.work;
        const Term* common = work.terms.data();
        for (int32_t i = 0; i < g_.in.member_count; i++) {
            const SealWeight& w = g_.weight(i);
            work.terms.push_back(packed_term(e_, g_.in.type, g_.y(i, 0), w.rows, w.backward_panels.get(), w.rows));
        }
        Product p = g_.product(g_.in.rows, g_.in.inputs, common, g_.in.member_count, g_.in.dx, g_.in.inputs);
        if (g_.adapted_segments > 0) {
            work.runs.assign(static_cast<size_t>(g_.in.segment_count), Run{nullptr, 0});
            g_.each_adapted([&](int32_t segment, int32_t, const Factors& f, int32_t column) {
                work.terms.push_back(packed_term(e_, g_.in.type, dz_ + at(0, column), g_.in.z_width, f.backward_a, f.rank));
                Run& run = work.runs[static_cast<size_t>(segment)];
                run = {run.count == 0 ? &work.terms.back() : run.terms, run.count + 1};
            });
            g_.number_rows(work);
            p.runs = work.runs.data();
            p.run_of_row = work.run_of_row.data();
        }
        work.products.push_back(p);
    }

    void add_adapter_gradients(int32_t wave)
    {
        WorkList& work = e_.work;
        size_t shared = 0;
        int32_t latest = -1;
        g_.each_adapted([&](int32_t segment, int32_t member, const Factors& f, int32_t column) {
            const SealRowSegment& rows = g_.in.segments[segment];
            if (latest >= 0 && segment != latest && shares_x(latest))
                shared++;
            latest = segment;
            if (work.wave_of_segment[static_cast<size_t>(segment)] != wave)
                return;
            const std::byte* dz = dz_transposed_ + transposed_at(rows.start, column);
            work.terms.push_back(shares_x(segment) ? packed_term(e_, g_.in.type, dz, g_.in.rows, work.shared_x[shared], rows.count)
                                                   : Term{dz, g_.in.rows, g_.x(rows.start), 0, f.inputs, 0, rows.count});
            work.products.push_back(g_.product(f.rank, f.inputs, &work.terms.back(), 1, g_.in.gradients + f.a, f.inputs, Store::add));
            work.products.back().squares = f.squares;
            work.terms.push_back({z_transposed_ + transposed_at(rows.start, column), g_.in.rows, g_.y(member, rows.start), 0, f.outputs, 0, rows.count});
            work.products.push_back(g_.product(f.rank, f.outputs, &work.terms.back(), 1, g_.in.gradients + f.b, f.rank, Store::add_transposed));
            work.products.back().squares = f.squares + tiles_of_a(e_, f);
        });
    }

    int64_t at(int64_t row, int32_t column) const { return (row * g_.in.z_width + column) * g_.size; }
    int64_t transposed_at(int64_t row, int64_t column) const { return (column * g_.in.rows + row) * g_.size; }

    SealEngine& e_;
    const LoraGroup g_;
    std::byte* dz_ = nullptr;             // [rows, z_width]
    std::byte* dz_transposed_ = nullptr;  // [z_width, rows], as the next
    std::byte* z_transposed_ = nullptr;
    std::byte* panels_ = nullptr;
    int64_t panel_bytes_ = 0;
};

}  // namespace

}  // namespace seal

SealStatus seal_lora_linear_backward(SealEngine* engine, const SealLoraLinear* arguments) noexcept
{
    return seal::guarded([&] { seal::Backward(seal::required(engine, "engine"), seal::required(arguments, "arguments")).run(); });
}
