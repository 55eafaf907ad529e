// A group of linears over one x, its arguments checked: what the forward and the backward pass share.
#pragma once

#include "products.hpp"
#include "quantized.hpp"
#include "segments.hpp"

namespace seal::cuda {

// Of one member's adapter on one segment: where its factors lie, and its columns of z.
struct Adapted {
    int32_t segment, member;
    int32_t column;
    float scale;
    const SealFactorShape& factors;
    int64_t start, rows;
};

// Weights of this type; blocks serve any.
inline const SealWeight& usable_member(SealDType type, const SealWeight* weight)
{
    return usable_weight(type, weight, "a member's weight");
}

inline const SealQuantizedWeight& usable_member(SealDType, const SealQuantizedWeight* weight)
{
    return required(weight, "a member's weight");
}

// Of SealLoraLinear or SealQuantizedLinear, which name their fields alike.
template <typename Arguments = SealLoraLinear>
class LoraGroup {
public:
    // Throws Error by field name where the arguments contradict each other.
    explicit LoraGroup(const Arguments& arguments);

    // visit(Adapted) for each pair of a segment and a member with an adapter, in order.
    template <typename Visit>
    void each_adapted(Visit&& visit) const
    {
        for (int32_t segment = 0; segment < in.segment_count; segment++) {
            int32_t column = 0;
            for (int32_t member = 0; member < in.member_count; member++) {
                const SealLoraFactors& chosen = in.factors[int64_t{segment} * in.member_count + member];
                if (chosen.factors < 0)
                    continue;
                const SealFactorShape& f = in.adapters->factors[static_cast<size_t>(chosen.factors)];
                visit(Adapted{segment, member, column, chosen.scale, f, in.segments[segment].start, in.segments[segment].count});
                column += f.rank;
            }
        }
    }

    int64_t outputs(int32_t member) const { return in.members[member].weight->rows; }
    int64_t z_count() const { return int64_t{in.rows} * in.z_width; }

    template <typename T>
    Global<const T> x() const { return seal::cuda::in<T>(in.x, int64_t{in.rows} * in.inputs); }

    template <typename T>
    Global<T> y(int32_t member) const { return out<T>(in.members[member].y, in.rows * outputs(member)); }

    template <typename T>
    Global<T> z() const { return out<T>(in.z, z_count()); }

    template <typename T>
    Global<const T> a(const Adapted& adapted) const { return part<T>(adapted.factors.a, int64_t{adapted.factors.rank} * adapted.factors.inputs); }

    template <typename T>
    Global<const T> b(const Adapted& adapted) const { return part<T>(adapted.factors.b, int64_t{adapted.factors.rank} * adapted.factors.outputs); }

    const Arguments& in;
    bool any_adapter = false;

private:
    template <typename T>
    Global<const T> part(int64_t first, int64_t count) const { return seal::cuda::in<T>(in.adapters->template values<T>().data() + first, count); }

    [[noreturn]] static void refuse(const std::string& what) { throw Error(SEAL_BAD_ARGUMENT, what); }
};

template <typename Arguments>
LoraGroup<Arguments>::LoraGroup(const Arguments& arguments) : in(arguments)
{
    activation_type(in.type);
    at_least(1, in.rows, "rows");
    at_least(1, in.inputs, "inputs");
    at_least(0, in.segment_count, "segment_count");
    at_least(0, in.z_width, "z_width");
    element_count(z_count(), "rows * z_width");
    required_memory(in.x, "x");
    at_least(1, in.member_count, "member_count");
    required_memory(in.members, "members");
    for (int32_t i = 0; i < in.member_count; i++) {
        const auto& w = usable_member(in.type, in.members[i].weight);
        if (w.columns != in.inputs)
            refuse("member " + std::to_string(i) + " has " + std::to_string(w.columns) + " inputs, the group has " + std::to_string(in.inputs));
        required_memory(in.members[i].y, "a member's y");
    }
    if (in.segment_count == 0)
        return;
    if (required(in.adapters, "adapters").type != in.type)
        refuse("adapters were made for type " + std::to_string(in.adapters->type) + ", not for type " + std::to_string(in.type));
    any_adapter = check_segments(in, *in.adapters) > 0;
}

// z_i = s·x·A_iᵀ of all segments and members in one launch.
template <typename T, typename Arguments>
void project_inputs(SealEngine& e, const LoraGroup<Arguments>& g)
{
    Products<T> list;
    const int64_t inputs = g.in.inputs, z_width = g.in.z_width;
    g.each_adapted([&](const Adapted& l) {
        Product<T>& p = list.add(l.rows, l.factors.rank, Store::activations);
        p.scale = planted(Mistake::unscaled_lora) ? 1.0f : l.scale;
        p.y = g.template z<T>().from(l.start * z_width + l.column);
        p.ldy = z_width;
        list.add_term(Form::nt, g.template x<T>().from(l.start * inputs), inputs, g.template a<T>(l), inputs, inputs);
    });
    if (!list.empty())
        list.run(e, "lora_linear z");
}

}  // namespace seal::cuda
