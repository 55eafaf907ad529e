#pragma once

#include "status.hpp"

#include "seal.h"

#include <string>

namespace seal {

// Refuses a row of the optimizer's table that is not within the arena and the slots. noting: whether backward passes note the norms.
inline void check_adamw_row(const SealAdamWRow& row, int64_t total, int64_t slots, bool noting)
{
    const auto name = [&] { return "the row of slot " + std::to_string(row.slot); };  // made only to refuse: a step allocates nothing
    if (row.slot < 0 || row.slot >= slots)
        throw Error(SEAL_BAD_ARGUMENT, name() + ": expected 0 to " + std::to_string(slots - 1));
    if (row.offset < 0 || row.count < 0 || row.offset > total || row.count > total - row.offset)
        throw Error(SEAL_BAD_ARGUMENT, name() + " covers " + std::to_string(row.count) + " elements from " + std::to_string(row.offset) +
            ", expected a part of " + std::to_string(total));
    if (row.step < 1)
        throw Error(SEAL_BAD_ARGUMENT, name() + " has step " + std::to_string(row.step) + ", expected at least 1");
    if (row.norm_noted != 0 && !noting)
        throw Error(SEAL_BAD_ARGUMENT, name() + " has norm_noted " + std::to_string(row.norm_noted) + ", expected 0 without adapters published for training");
}

// By squaring: a libm's pow may differ from machine to machine.
inline double power(double base, int32_t exponent)
{
    double result = 1;
    for (; exponent > 0; exponent /= 2, base *= base)
        if (exponent % 2 != 0)
            result *= base;
    return result;
}

}  // namespace seal
