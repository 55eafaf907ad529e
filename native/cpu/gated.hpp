#pragma once

#include "status.hpp"

#include "seal.h"

#include <string>

namespace seal {

// Refuses to gate what is not a gate and an up of the same size and type. The members are checked already.
template <typename Group>
void check_gated(const Group& in)
{
    if (in.gated == nullptr)
        return;
    if (in.member_count != 2 || in.members[0].weight->rows != in.members[1].weight->rows)
        throw Error(SEAL_BAD_ARGUMENT, "gated is given with " + std::to_string(in.member_count) + " members, expected two with as many outputs");
    if (in.y_type != in.type)
        throw Error(SEAL_BAD_ARGUMENT, "gated is given with y_type " + std::to_string(in.y_type) + ", expected type, " + std::to_string(in.type));
}

}  // namespace seal
