// What the forward and the backward pass of a group of linears share: the checked arguments, and where everything lies.
#pragma once

#include "adapters.hpp"
#include "dtype.hpp"
#include "weight.hpp"

namespace seal {

class LoraGroup {
public:
    // Throws Error by field name where the arguments contradict each other.
    LoraGroup(const SealEngine& engine, const SealLoraLinear& arguments);

    const SealLoraLinear& in;
    const int64_t size;  // bytes of an element
    int32_t adapted_segments = 0;

    const SealWeight& weight(int32_t member) const { return *in.members[member].weight; }
    const SealLoraFactors& chosen(int32_t segment, int32_t member) const { return in.factors[int64_t{segment} * in.member_count + member]; }

    // A member's factors on a segment; null for none.
    const Factors* factors(int32_t segment, int32_t member) const
    {
        const int32_t index = chosen(segment, member).factors;
        return index < 0 ? nullptr : &in.adapters->factors[static_cast<size_t>(index)];
    }

    int32_t group_rank(int32_t segment) const;

    const std::byte* x(int64_t row) const { return static_cast<const std::byte*>(in.x) + row * in.inputs * size; }
    std::byte* y(int32_t member, int64_t row) const { return static_cast<std::byte*>(in.members[member].y) + row * weight(member).rows * size; }
    std::byte* z(int64_t row, int32_t column) const { return static_cast<std::byte*>(in.z) + (row * in.z_width + column) * size; }

    // visit(segment, member, factors, column of z) for each pair with an adapter, in order.
    template <typename Visit>
    void each_adapted(Visit&& visit) const
    {
        for (int32_t segment = 0; segment < in.segment_count; segment++) {
            int32_t column = 0;
            for (int32_t member = 0; member < in.member_count; member++) {
                const Factors* f = factors(segment, member);
                if (f == nullptr)
                    continue;
                visit(segment, member, *f, column);
                column += f->rank;
            }
        }
    }

    // The segment of every row, -1 where it has no adapter, into work.run_of_row.
    void number_rows(WorkList& work) const;

    // A product of these activations; the terms are the caller's.
    Product product(int32_t rows, int32_t columns, const Term* terms, int32_t term_count, void* y, int64_t ldy, Store store = Store::activations) const;
};

// Pieces of one scratch block, each on a line of its own: counted first, then handed out in the same order.
class Pieces {
public:
    std::byte* take(int64_t bytes)
    {
        std::byte* piece = base_ == nullptr ? nullptr : base_ + used_;
        used_ += (bytes + 63) / 64 * 64;
        return piece;
    }

    void start(Scratch& scratch)
    {
        base_ = scratch.block(used_);
        used_ = 0;
    }

private:
    std::byte* base_ = nullptr;
    int64_t used_ = 0;
};

}  // namespace seal
