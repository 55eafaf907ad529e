#include "lora_group.hpp"

#include "segments.hpp"

namespace seal {

namespace {

void check_members(const SealEngine& engine, const SealLoraLinear& in)
{
    at_least(1, in.member_count, "member_count");
    required_memory(in.members, "members");
    for (int32_t i = 0; i < in.member_count; i++) {
        const SealWeight& w = usable_weight(engine, in.type, in.members[i].weight, "a member's weight");
        if (w.columns != in.inputs)
            throw Error(SEAL_BAD_ARGUMENT, "member " + std::to_string(i) + " has " + std::to_string(w.columns) + " inputs, the group has " + std::to_string(in.inputs));
        required_memory(in.members[i].y, "a member's y");
    }
}

}  // namespace

LoraGroup::LoraGroup(const SealEngine& engine, const SealLoraLinear& arguments) : in(arguments), size(size_of(activation_type(arguments.type)))
{
    at_least(1, in.rows, "rows");
    at_least(1, in.inputs, "inputs");
    at_least(0, in.segment_count, "segment_count");
    at_least(0, in.z_width, "z_width");
    element_count(int64_t{in.rows} * in.z_width, "rows * z_width");
    required_memory(in.x, "x");
    check_members(engine, in);
    if (in.segment_count == 0)
        return;
    check_segments(in, usable_adapters(engine, in.type, in.adapters));
    for (int32_t i = 0; i < in.segment_count; i++)
        if (group_rank(i) > 0)
            adapted_segments++;
}

int32_t LoraGroup::group_rank(int32_t segment) const
{
    int32_t rank = 0;
    for (int32_t i = 0; i < in.member_count; i++)
        rank += factors(segment, i) == nullptr ? 0 : factors(segment, i)->rank;
    return rank;
}

void LoraGroup::number_rows(WorkList& work) const
{
    work.run_of_row.assign(static_cast<size_t>(in.rows), -1);
    for (int32_t s = 0; s < in.segment_count; s++)
        if (group_rank(s) > 0)
            for (int32_t i = 0; i < in.segments[s].count; i++)
                work.run_of_row[static_cast<size_t>(in.segments[s].start + i)] = s;
}

Product LoraGroup::product(int32_t rows, int32_t columns, const Term* terms, int32_t term_count, void* y, int64_t ldy, Store store) const
{
    Product p{};
    p.type = in.type;
    p.rows = rows;
    p.columns = columns;
    p.terms = terms;
    p.term_count = term_count;
    p.scale = 1;
    p.store = store;
    p.y = y;
    p.ldy = ldy;
    p.streams = store == Store::activations && better_streamed(int64_t{rows} * columns * size_of(in.type), ldy * size_of(in.type));
    return p;
}

}  // namespace seal
