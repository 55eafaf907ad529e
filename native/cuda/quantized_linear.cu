// y_i = x·W_iᵀ + bias_i + z_i·B_iᵀ with W_i in blocks, for the few rows of generation: a warp has one output of up to eight rows, its
// lanes the weights of a block, so that every block is read once an eight rows and nothing is unpacked to memory.
// FLOPs: 2·rows·inputs·outputs a member. Bytes: 0.56 (Q4_0), 0.63 (Q4_1) or 1.06 (Q8_0) a weight; x comes from the caches.
#include "gated.hpp"
#include "lora_group.hpp"
#include "quantized.hpp"

namespace seal::cuda {

namespace {

constexpr int32_t warp_rows = 8;

template <typename T, typename Y>
struct QuantizedMember {
    SealBlockType type;
    int32_t outputs;
    int32_t first_block;
    int32_t unused;  // rows of tables have no bytes that mean nothing
    Global<const uint8_t> blocks;
    Global<const float> bias;
    Global<Y> y;
};

// z·Bᵀ of one member on rows start .. start + rows.
template <typename T>
struct LowRank {
    int32_t member, start, rows, rank;
    Global<const T> z, b;
};

template <typename T, typename Y>
struct QuantizedLinearKernel {
    Global<const T> x;
    int32_t rows, inputs;
    Global<const QuantizedMember<T, Y>> members;
    int32_t member_count;
    Global<const LowRank<T>> low;
    int32_t low_count;
    int64_t z_width;

    __device__ __forceinline__ void operator()() const
    {
        int32_t member = 0;
        while (member + 1 < member_count && members.get(member + 1).first_block <= static_cast<int32_t>(blockIdx.x))
            member++;
        const QuantizedMember<T, Y> m = members.get(member);
        const int32_t output = (static_cast<int32_t>(blockIdx.x) - m.first_block) * block_warps + warp_number();
        const int32_t first = static_cast<int32_t>(blockIdx.y) * warp_rows;
        if (output >= m.outputs)
            return;
        float sums[warp_rows];
#pragma unroll
        for (int32_t r = 0; r < warp_rows; r++)
            sums[r] = 0;
        const int32_t row_blocks = inputs / block_length;
        for (int32_t b = 0; b < row_blocks; b++) {
            const float w = weight_of_block(m.type, m.blocks, (static_cast<int64_t>(output) * row_blocks + b) * block_bytes(m.type), lane_number());
#pragma unroll
            for (int32_t r = 0; r < warp_rows; r++)
                if (first + r < rows)
                    sums[r] = multiply_add(widen(x.get(static_cast<int64_t>(first + r) * inputs + b * block_length + lane_number())), w, sums[r]);
        }
        for (int32_t i = 0; i < low_count; i++) {
            const LowRank<T> l = low.get(i);
            if (l.member != member)
                continue;
#pragma unroll
            for (int32_t r = 0; r < warp_rows; r++)
                if (first + r >= l.start && first + r < l.start + l.rows)
                    for (int32_t k = lane_number(); k < l.rank; k += 32)
                        sums[r] = multiply_add(widen(l.z.get((first + r) * z_width + k)), widen(l.b.get(static_cast<int64_t>(output) * l.rank + k)), sums[r]);
        }
#pragma unroll
        for (int32_t r = 0; r < warp_rows; r++) {
            const float sum = sum_of_lanes(sums[r]) + (m.bias ? m.bias.get(output) : 0.0f);
            if (lane_number() == 0 && first + r < rows)
                m.y.put(static_cast<int64_t>(first + r) * m.outputs + output, narrow<Y>(sum));
        }
    }
};

template <typename T, typename Y>
void run(SealEngine& e, const LoraGroup<SealQuantizedLinear>& g)
{
    project_inputs<T>(e, g);
    std::vector<QuantizedMember<T, Y>> members;
    int32_t blocks = 0;
    for (int32_t i = 0; i < g.in.member_count; i++) {
        const SealQuantizedWeight& w = *g.in.members[i].weight;
        members.push_back({w.type, w.rows, blocks, 0, w.blocks(), in<float>(g.in.members[i].bias, w.rows), out<Y>(g.in.members[i].y, int64_t{g.in.rows} * w.rows)});
        blocks += static_cast<int32_t>(divided_up(w.rows, block_warps));
    }
    std::vector<LowRank<T>> low;
    g.each_adapted([&](const Adapted& l) {
        low.push_back({l.member, static_cast<int32_t>(l.start), static_cast<int32_t>(l.rows), l.factors.rank, g.template z<T>().from(l.column), g.template b<T>(l)});
    });
    e.launch("quantized_linear", {blocks, divided_up(g.in.rows, warp_rows), 1}, 0,
        QuantizedLinearKernel<T, Y>{g.template x<T>(), g.in.rows, g.in.inputs, e.tables.of(members), static_cast<int32_t>(members.size()),
            e.tables.of(low), static_cast<int32_t>(low.size()), int64_t{g.in.z_width}});
}

}  // namespace

}  // namespace seal::cuda

int64_t seal_sizeof_quantized_linear() noexcept
{
    return sizeof(SealQuantizedLinear);
}

SealStatus seal_quantized_linear(SealEngine* engine, const SealQuantizedLinear* arguments) noexcept
{
    using namespace seal::cuda;
    const SealStatus status = seal::guarded([&] {
        SealEngine& e = seal::required(engine, "engine");
        const LoraGroup<SealQuantizedLinear> group(seal::required(arguments, "arguments"));
        seal::check_gated(group.in);
        e.scratch.begin();
        with_type(group.in.type, [&]<typename T>(T) {
            with_type(group.in.y_type, [&]<typename Y>(Y) { run<T, Y>(e, group); });
        });
    });
    if (status != SEAL_OK || arguments->gated == nullptr)
        return status;
    const SealQuantizedMember *gate = arguments->members, *up = gate + 1;
    return seal_swiglu(engine, arguments->type, gate->y, up->y, arguments->gated, int64_t{arguments->rows} * gate->weight->rows);
}
