// The segments of a group of linears and the adapters on them, checked: the same for every weight and wherever matrices lie.
#pragma once

#include "shape.hpp"
#include "status.hpp"

#include "seal.h"

#include <algorithm>
#include <string>

namespace seal {

// The widest rank of an adapter on any segment, 0 where there is none. Throws Error where segments do not follow each other within the rows, and
// where factors do not exist, are another linear's, or have more columns than z. `adapters` has `factors` with rank, inputs and outputs.
template <typename Arguments, typename Adapters>
int32_t check_segments(const Arguments& in, const Adapters& adapters)
{
    const auto refuse = [](const std::string& what) { throw Error(SEAL_BAD_ARGUMENT, what); };
    required_memory(in.segments, "segments");
    required_memory(in.factors, "factors");
    int32_t widest = 0;
    for (int64_t s = 0, end = 0; s < in.segment_count; s++) {
        const SealRowSegment& rows = in.segments[s];
        if (rows.start < end || rows.count < 1 || rows.count > in.rows - rows.start)
            refuse("segment " + std::to_string(s) + " of " + std::to_string(rows.count) + " rows from " + std::to_string(rows.start) +
                " does not follow the one before it within " + std::to_string(in.rows) + " rows");
        end = rows.start + rows.count;
        int64_t width = 0;
        for (int32_t i = 0; i < in.member_count; i++) {
            const int32_t index = in.factors[s * in.member_count + i].factors, outputs = in.members[i].weight->rows;
            if (index < 0)
                continue;
            if (static_cast<size_t>(index) >= adapters.factors.size())
                refuse("factors " + std::to_string(index) + " are asked for, the adapters have " + std::to_string(adapters.factors.size()));
            const auto& f = adapters.factors[static_cast<size_t>(index)];
            if (f.inputs != in.inputs || f.outputs != outputs)
                refuse("factors " + std::to_string(index) + " map " + std::to_string(f.inputs) + " to " + std::to_string(f.outputs) +
                    ", the linear " + std::to_string(in.inputs) + " to " + std::to_string(outputs));
            width += f.rank;
            widest = std::max(widest, f.rank);
        }
        if (width > in.z_width)
            refuse("segment " + std::to_string(s) + " has ranks of " + std::to_string(width) + " together, z is " + std::to_string(in.z_width) + " wide");
    }
    if (widest > 0) {
        required_memory(in.z, "z");
        elements(in.rows, in.z_width, "z");
    }
    return widest;
}

}  // namespace seal
