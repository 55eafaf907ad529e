// Six deliberate mistakes, in a test build alone: each is switched on in turn, and the emulation or a property test must report it.
#pragma once

#include "platform.cuh"

namespace seal::cuda {

enum class Mistake : int32_t { none, missing_barrier, tile_edge, fragment_lane, unscaled_lora, stale_accumulator, shared_overrun };

#if defined(SEAL_PLANTED_MISTAKES)
inline Mistake planted_mistake = Mistake::none;
inline bool planted(Mistake mistake) { return mistake == planted_mistake; }
#elif defined(SEAL_CUDA_EMULATION)
constexpr bool planted(Mistake) { return false; }
#else
__host__ __device__ constexpr bool planted(Mistake) { return false; }
#endif

}  // namespace seal::cuda
