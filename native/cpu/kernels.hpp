// The table of operations: the arithmetic of every operator, compiled once an instruction set from cpu/kernels/, one table each.
// An operator (cpu/NAME.cpp) validates and divides the work; its kernel (cpu/kernels/NAME.cpp) computes one share of it.
#pragma once

#include "seal.h"

namespace seal {

struct Kernels {
    // y += x over n elements of one type.
    void (*add)(SealDType type, const void* x, void* y, int64_t n);
};

// The table of an instruction set that this library was compiled with.
const Kernels& kernels_of(SealIsa isa);

}  // namespace seal
