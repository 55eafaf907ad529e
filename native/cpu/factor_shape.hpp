#pragma once

#include "status.hpp"

#include "seal.h"

#include <string>

namespace seal {

// Refuses factors that are empty, overlap those before them or leave the parameters.
inline void check_factor_shape(const SealFactorShape& f, int64_t previous_end, int64_t parameters, int64_t index)
{
    const auto refuse = [index](const std::string& what) { throw Error(SEAL_BAD_ARGUMENT, "factors " + std::to_string(index) + " " + what); };
    if (f.rank < 1 || f.inputs < 1 || f.outputs < 1)
        refuse("have rank " + std::to_string(f.rank) + ", inputs " + std::to_string(f.inputs) + ", outputs " + std::to_string(f.outputs) +
            ", expected at least 1 each");
    const int64_t a_end = f.a < 0 || f.a > parameters ? -1 : f.a + int64_t{f.rank} * f.inputs;
    if (f.a < previous_end || a_end < 0 || f.b < a_end || f.b > parameters || int64_t{f.rank} * f.outputs > parameters - f.b)
        refuse("at " + std::to_string(f.a) + " and " + std::to_string(f.b) + " do not follow those before them within " +
            std::to_string(parameters) + " parameters");
}

}  // namespace seal
