// What a .cu file needs to compile with g++ for the processor: CUDA's keywords, special registers, and the operations above.
#pragma once

#include "async_copy.hpp"
#include "machine.hpp"
#include "tensor_core.hpp"
#include "views.hpp"
#include "warp.hpp"

#include <cmath>

// These are keywords of the language that the sources are written in, which no template can stand for.
#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __launch_bounds__(...)

namespace seal::cuda {

using emulation::Dim3;

// Kernels run one after the other.
inline void wait_for_earlier_kernels() {}

// Rounded twice: a device fuses, the emulation checks what is added to what.
inline float multiply_add(float a, float b, float c) { return a * b + c; }
inline float square_root(float x) { return std::sqrt(x); }

}  // namespace seal::cuda
