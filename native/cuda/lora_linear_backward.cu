// dz_i = s·dy_i·B_i in one launch; then in one launch dx = Σ_i [dy_i | dz_i]·[W_i ; A_i], dA_i += dz_iᵀ·x and dB_i += dy_iᵀ·z_i. An adapter
// on several segments sums over them in their order, in one product with a term a segment.
// FLOPs: 2·rows·inputs·outputs for dx and 4·rows·rank·(inputs + outputs) a member. Bytes: weights and factors once, x, z, dy, dx, dA, dB.
#include "lora_group.hpp"

#include <algorithm>

namespace seal::cuda {

namespace {

template <typename T>
void project(SealEngine& e, const LoraGroup<>& g, Global<T> dz)
{
    Products<T> list;
    const int64_t z_width = g.in.z_width;
    g.each_adapted([&](const Adapted& l) {
        const int64_t outputs = l.factors.outputs;
        Product<T>& p = list.add(l.rows, l.factors.rank, Store::activations);
        p.scale = l.scale;
        p.y = dz.from(l.start * z_width + l.column);
        p.ldy = z_width;
        list.add_term(Form::nn, g.y<T>(l.member).from(l.start * outputs), outputs, g.b<T>(l), l.factors.rank, outputs);
    });
    list.run(e, "lora_linear_backward dz");
}

template <typename T>
void add_input_gradient(Products<T>& list, const LoraGroup<>& g, Global<T> dz)
{
    const int64_t inputs = g.in.inputs;
    Product<T>& p = list.add(g.in.rows, inputs, Store::activations);
    p.y = out<T>(g.in.dx, g.in.rows * inputs);
    p.ldy = inputs;
    for (int32_t i = 0; i < g.in.member_count; i++)
        list.add_term(Form::nn, g.y<T>(i), g.outputs(i), g.in.members[i].weight->values<T>(), inputs, g.outputs(i));
    g.each_adapted([&](const Adapted& l) {
        list.add_term(Form::nn, dz.from(l.column), g.in.z_width, g.a<T>(l), inputs, l.factors.rank, l.start, l.rows);
    });
}

// dA and dB of one pair, with a term for each segment that its factors are on.
template <typename T>
void add_adapter_gradients(Products<T>& list, const LoraGroup<>& g, Global<T> dz, const Adapted& first)
{
    const SealFactorShape& f = first.factors;
    const int64_t inputs = g.in.inputs, outputs = f.outputs, z_width = g.in.z_width, total = g.in.adapters->parameters;
    const Global<float> gradients = out<float>(g.in.gradients, total);
    const auto each_segment = [&](auto&& add) {
        g.each_adapted([&](const Adapted& l) {
            if (&l.factors == &f && l.member == first.member)
                add(l);
        });
    };
    Product<T>& da = list.add(f.rank, inputs, Store::add_f32);
    da.wide = gradients.from(f.a);
    da.ldy = inputs;
    each_segment([&](const Adapted& l) {
        list.add_term(Form::tn, dz.from(l.start * z_width + l.column), z_width, g.x<T>().from(l.start * inputs), inputs, l.rows);
    });
    Product<T>& db = list.add(outputs, f.rank, Store::add_f32);
    db.wide = gradients.from(f.b);
    db.ldy = f.rank;
    each_segment([&](const Adapted& l) {
        list.add_term(Form::tn, g.y<T>(l.member).from(l.start * outputs), outputs, g.z<T>().from(l.start * z_width + l.column), z_width, l.rows);
    });
}

template <typename T>
void backward(SealEngine& e, const LoraGroup<>& g)
{
    const Global<T> dz = e.scratch.take<T>(std::max<int64_t>(1, g.z_count()));
    if (g.any_adapter)
        project(e, g, dz);
    Products<T> list;
    if (g.in.dx != nullptr)
        add_input_gradient(list, g, dz);
    std::vector<const SealFactorShape*> taken;
    g.each_adapted([&](const Adapted& l) {
        if (std::find(taken.begin(), taken.end(), &l.factors) != taken.end())
            return;
        taken.push_back(&l.factors);
        add_adapter_gradients(list, g, dz, l);
    });
    if (!list.empty())
        list.run(e, "lora_linear_backward dx dA dB");
}

}  // namespace

}  // namespace seal::cuda

SealStatus seal_lora_linear_backward(SealEngine* engine, const SealLoraLinear* arguments) noexcept
{
    return seal::guarded([&] {
        SealEngine& e = seal::required(engine, "engine");
        const seal::cuda::LoraGroup<> group(seal::required(arguments, "arguments"));
        if (group.any_adapter)
            seal::required_memory(group.in.gradients, "gradients");
        e.scratch.begin();
        seal::cuda::with_type(group.in.type, [&]<typename T>(T) { seal::cuda::backward<T>(e, group); });
    });
}
