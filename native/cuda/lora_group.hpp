// A group of linears over one x, its arguments checked: what the forward and the backward pass share.
#pragma once

#include "products.hpp"

namespace seal::cuda {

// Of one member's adapter on one segment: where its factors lie, and its columns of z.
struct Adapted {
    int32_t segment, member;
    int32_t column;
    float scale;
    const SealFactorShape& factors;
    int64_t start, rows;
};

class LoraGroup {
public:
    // Throws Error by field name where the arguments contradict each other.
    explicit LoraGroup(const SealLoraLinear& arguments);

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

    const SealLoraLinear& in;
    bool any_adapter = false;

private:
    template <typename T>
    Global<const T> part(int64_t first, int64_t count) const { return seal::cuda::in<T>(in.adapters->values<T>().data() + first, count); }

    void check_segments();
};

}  // namespace seal::cuda
