// The end of a row, for loops that step by F32::lanes.
#pragma once

#include "simd.hpp"

namespace seal::SEAL_ISA_NAMESPACE {

// A whole register where so many elements are left, else what is left; the other lanes read as 0.
template <typename T>
inline F32 load_part(const T* p, int64_t left)
{
    return left >= F32::lanes ? load(p) : load(p, left);
}

template <typename T>
inline void store_part(T* p, F32 x, int64_t left)
{
    left >= F32::lanes ? store(p, x) : store(p, x, left);
}

}  // namespace seal::SEAL_ISA_NAMESPACE
