#pragma once

#include "seal.h"
#include "status.hpp"

namespace seal {

// Refuses what is no type of activations.
inline SealDType activation_type(SealDType type)
{
    if (type != SEAL_F32 && type != SEAL_BF16)
        throw Error(SEAL_BAD_ARGUMENT, "type is " + std::to_string(type) + ", expected 0 (f32) or 1 (bf16)");
    return type;
}

inline int64_t size_of(SealDType type)
{
    return type == SEAL_BF16 ? 2 : 4;
}

// Refuses a count or size below the least that makes sense, by its parameter's name.
template <typename Integer>
Integer at_least(Integer least, Integer value, const char* name)
{
    if (value < least)
        throw Error(SEAL_BAD_ARGUMENT, std::string(name) + " is " + std::to_string(value) + ", expected at least " + std::to_string(least));
    return value;
}

}  // namespace seal
