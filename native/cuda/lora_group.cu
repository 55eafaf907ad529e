#include "lora_group.hpp"

namespace seal::cuda {

namespace {

[[noreturn]] void refuse(const std::string& what)
{
    throw Error(SEAL_BAD_ARGUMENT, what);
}

}  // namespace

LoraGroup::LoraGroup(const SealLoraLinear& arguments) : in(arguments)
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
        const SealWeight& w = usable_weight(in.type, in.members[i].weight, "a member's weight");
        if (w.columns != in.inputs)
            refuse("member " + std::to_string(i) + " has " + std::to_string(w.columns) + " inputs, the group has " + std::to_string(in.inputs));
        required_memory(in.members[i].y, "a member's y");
    }
    if (in.segment_count > 0)
        check_segments();
}

void LoraGroup::check_segments()
{
    required_memory(in.segments, "segments");
    required_memory(in.factors, "factors");
    if (required(in.adapters, "adapters").type != in.type)
        refuse("adapters were made for type " + std::to_string(in.adapters->type) + ", not for type " + std::to_string(in.type));
    int32_t end = 0;
    for (int32_t s = 0; s < in.segment_count; s++) {
        const SealRowSegment& rows = in.segments[s];
        if (rows.start < end || rows.count < 1 || rows.count > in.rows - rows.start)
            refuse("segment " + std::to_string(s) + " of " + std::to_string(rows.count) + " rows from " + std::to_string(rows.start) +
                " does not follow the one before it within " + std::to_string(in.rows) + " rows");
        end = rows.start + rows.count;
        int64_t width = 0;
        for (int32_t i = 0; i < in.member_count; i++) {
            const int32_t index = in.factors[int64_t{s} * in.member_count + i].factors;
            if (index < 0)
                continue;
            if (static_cast<size_t>(index) >= in.adapters->factors.size())
                refuse("factors " + std::to_string(index) + " are asked for, the adapters have " + std::to_string(in.adapters->factors.size()));
            const SealFactorShape& f = in.adapters->factors[static_cast<size_t>(index)];
            if (f.inputs != in.inputs || f.outputs != outputs(i))
                refuse("factors " + std::to_string(index) + " map " + std::to_string(f.inputs) + " to " + std::to_string(f.outputs) +
                    ", the linear " + std::to_string(in.inputs) + " to " + std::to_string(outputs(i)));
            width += f.rank;
            any_adapter = true;
        }
        if (width > in.z_width)
            refuse("segment " + std::to_string(s) + " has ranks of " + std::to_string(width) + " together, z is " + std::to_string(in.z_width) + " wide");
    }
    if (any_adapter)
        required_memory(in.z, "z");
}

}  // namespace seal::cuda
