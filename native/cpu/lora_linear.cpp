// y_i = [x | z_i]·[W_i | B_i]ᵀ + bias_i as one product of two terms; z of the whole group first.
// FLOPs: 2·rows·(inputs·outputs + rank·(inputs + outputs)) a member; bytes: the weights and factors once, x, z and y.
#include "lora_group.hpp"

namespace seal {

namespace {

class Forward {
public:
    Forward(SealEngine& engine, const SealLoraLinear& arguments) : e_(engine), g_(engine, arguments) {}

    void run()
    {
        e_.work.clear();
        if (g_.adapted_segments > 0)
            project();
        combine();
    }

private:
    // z = s·x·Aᵀ, each segment under its own adapter.
    void project()
    {
        WorkList& work = e_.work;
        work.terms.reserve(static_cast<size_t>(g_.in.segment_count) * static_cast<size_t>(g_.in.member_count));
        g_.each_adapted([&](int32_t segment, int32_t member, const Factors& f, int32_t column) {
            const SealRowSegment& rows = g_.in.segments[segment];
            work.terms.push_back(packed_term(e_, g_.in.type, g_.x(rows.start), g_.in.inputs, f.forward_a, g_.in.inputs));
            Product p = g_.product(rows.count, f.rank, &work.terms.back(), 1, g_.z(rows.start, column), g_.in.z_width);
            p.scale = g_.chosen(segment, member).scale;
            work.products.push_back(p);
        });
        run_work(e_, g_.in.type);
        work.terms.clear();
    }

    void combine()
    {
        WorkList& work = e_.work;
        const auto members = static_cast<size_t>(g_.in.member_count), segments = static_cast<size_t>(g_.in.segment_count);
        work.terms.reserve(members + members * segments);
        work.runs.assign(members * segments, Run{nullptr, 0});
        g_.each_adapted([&](int32_t segment, int32_t member, const Factors& f, int32_t column) {
            work.terms.push_back(packed_term(e_, g_.in.type, g_.z(0, column), g_.in.z_width, f.forward_b, f.rank));
            work.runs[static_cast<size_t>(member) * segments + static_cast<size_t>(segment)] = {&work.terms.back(), 1};
        });
        if (g_.adapted_segments > 0)
            g_.number_rows(work);
        for (int32_t i = 0; i < g_.in.member_count; i++) {
            const SealWeight& w = g_.weight(i);
            work.terms.push_back(packed_term(e_, g_.in.type, g_.in.x, w.columns, w.forward_panels.get(), w.columns));
            Product p = g_.product(g_.in.rows, w.rows, &work.terms.back(), 1, g_.y(i, 0), w.rows);
            p.bias = g_.in.members[i].bias;
            p.runs = work.runs.data() + static_cast<size_t>(i) * segments;
            p.run_of_row = g_.adapted_segments > 0 ? work.run_of_row.data() : nullptr;
            work.products.push_back(p);
        }
        run_work(e_, g_.in.type);
    }

    SealEngine& e_;
    const LoraGroup g_;
};

}  // namespace

}  // namespace seal

SealStatus seal_lora_linear(SealEngine* engine, const SealLoraLinear* arguments) noexcept
{
    return seal::guarded([&] { seal::Forward(seal::required(engine, "engine"), seal::required(arguments, "arguments")).run(); });
}

int64_t seal_sizeof_lora_linear() noexcept
{
    return sizeof(SealLoraLinear);
}
