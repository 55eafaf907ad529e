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

// More elements than any machine holds: sizes beyond it are mistakes, and sizes below it cannot overflow in bytes.
constexpr int64_t most_elements = int64_t{1} << 44;

// Refuses a count of elements below 0 or beyond what can be, by its parameter's name.
inline int64_t element_count(int64_t value, const char* name)
{
    if (at_least<int64_t>(0, value, name) > most_elements)
        throw Error(SEAL_BAD_ARGUMENT, std::string(name) + " is " + std::to_string(value) + ", expected at most " + std::to_string(most_elements));
    return value;
}

}  // namespace seal
