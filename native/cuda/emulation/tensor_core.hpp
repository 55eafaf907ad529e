// ldmatrix and mma.sync.m16n8k16 with the fragments that the PTX manual gives (Parallel Thread Execution ISA, sections on warp-level
// matrix instructions). Lane l stands at row l / 4 and columns 2·(l % 4), + 1 of an 8 x 8 matrix.
#pragma once

#include "../bf16.hpp"
#include "warp.hpp"

namespace seal::cuda {

// The four 8 x 8 matrices whose rows begin at the elements that the lanes name: lanes 0-7 the first matrix's, 8-15 the second's, …
// Of each matrix a lane gets its two elements, the lower column in the lower half.
void load_matrices(uint32_t (&registers)[4], Shared<Bf16> memory, int64_t i, Place at = Place::current());

// The same of each matrix transposed.
void load_matrices_transposed(uint32_t (&registers)[4], Shared<Bf16> memory, int64_t i, Place at = Place::current());

// d += a·b: a [16, 16] in four registers (rows g and g + 8, then the same of columns 8-15), b [16, 8] in two (rows 2t, 2t + 1, then + 8,
// column g), d [16, 8] in four (row g, columns 2t and 2t + 1, then row g + 8), g = lane / 4, t = lane % 4. Sums in f32, k rising.
void multiply_matrices(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], Place at = Place::current());

}  // namespace seal::cuda
