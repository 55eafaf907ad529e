// y_i = [x | z_i]·[W_i | B_i]ᵀ + bias_i for all members in one launch, the low-rank part as further steps of the base product's main loop;
// z_i = s·x·A_iᵀ of all segments and members in one launch before it.
// FLOPs: 2·rows·(inputs·outputs + rank·(inputs + outputs)) a member. Bytes: weights and factors once, x once a column of tiles, z and y.
#include "lora_group.hpp"

namespace seal::cuda {

namespace {

template <typename T>
void forward(SealEngine& e, const LoraGroup<>& g)
{
    project_inputs<T>(e, g);
    Products<T> list;
    const Global<const T> x = g.template x<T>();
    const int64_t inputs = g.in.inputs, z_width = g.in.z_width;
    for (int32_t i = 0; i < g.in.member_count; i++) {
        Product<T>& p = list.add(g.in.rows, g.outputs(i), Store::activations);
        p.bias = in<float>(g.in.members[i].bias, g.outputs(i));
        p.y = g.y<T>(i);
        p.ldy = g.outputs(i);
        list.add_term(Form::nt, x, inputs, g.in.members[i].weight->values<T>(), inputs, inputs);
        g.each_adapted([&](const Adapted& l) {
            if (l.member == i)
                list.add_term(Form::nt, g.z<T>().from(l.column), z_width, g.b<T>(l), l.factors.rank, l.factors.rank, l.start, l.rows);
        });
    }
    list.run(e, "lora_linear y");
}

}  // namespace

}  // namespace seal::cuda

SealStatus seal_lora_linear(SealEngine* engine, const SealLoraLinear* arguments) noexcept
{
    return seal::guarded([&] {
        SealEngine& e = seal::required(engine, "engine");
        const seal::cuda::LoraGroup<> group(seal::required(arguments, "arguments"));
        e.scratch.begin();
        seal::cuda::with_type(group.in.type, [&]<typename T>(T) { seal::cuda::forward<T>(e, group); });
    });
}

int64_t seal_sizeof_lora_linear() noexcept
{
    return sizeof(SealLoraLinear);
}
