#include "lora_group.hpp"

namespace seal {

namespace {

[[noreturn]] void refuse(const std::string& what)
{
    throw Error(SEAL_BAD_ARGUMENT, what);
}

void check_members(const SealEngine& engine, const SealLoraLinear& in)
{
    at_least(1, in.member_count, "member_count");
    required_memory(in.members, "members");
    for (int32_t i = 0; i < in.member_count; i++) {
        const SealWeight& w = usable_weight(engine, in.type, in.members[i].weight, "a member's weight");
        if (w.columns != in.inputs)
            refuse("member " + std::to_string(i) + " has " + std::to_string(w.columns) + " inputs, the group has " + std::to_string(in.inputs));
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
    required_memory(in.segments, "segments");
    required_memory(in.factors, "factors");
    usable_adapters(engine, in.type, in.adapters);
    int32_t end = 0;
    for (int32_t s = 0; s < in.segment_count; s++) {
        const SealRowSegment& rows = in.segments[s];
        if (rows.start < end || rows.count < 1 || rows.count > in.rows - rows.start)
            refuse("segment " + std::to_string(s) + " of " + std::to_string(rows.count) + " rows from " + std::to_string(rows.start) +
                " does not follow the one before it within " + std::to_string(in.rows) + " rows");
        end = rows.start + rows.count;
        for (int32_t i = 0; i < in.member_count; i++)
            check_factors(*in.adapters, chosen(s, i).factors, in.inputs, weight(i).rows);
        const int64_t total = group_rank(s);
        if (total > in.z_width)
            refuse("segment " + std::to_string(s) + " has ranks of " + std::to_string(total) + " together, z is " + std::to_string(in.z_width) + " wide");
        if (total > 0)
            adapted_segments++;
    }
    if (adapted_segments > 0)
        required_memory(in.z, "z");
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
    return p;
}

}  // namespace seal
