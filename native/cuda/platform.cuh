// Where a .cu file's CUDA comes from: the emulation, nvcc, or, for a look at the PTX without an SDK, our own declarations.
#pragma once

#if defined(SEAL_CUDA_EMULATION)
#include "emulation/cuda.hpp"
#else
#if !defined(__CUDACC__)
#include "device/declarations.cuh"
#endif
#include "device/cuda.cuh"
#endif

namespace seal::cuda {

constexpr uint32_t all_lanes = 0xffffffffu;

// Threads of a block of every kernel here: four warps.
constexpr int32_t block_threads = 128;
constexpr int32_t block_warps = block_threads / 32;

__device__ __forceinline__ int32_t thread_number() { return static_cast<int32_t>(threadIdx.x); }
__device__ __forceinline__ int32_t lane_number() { return thread_number() % 32; }
__device__ __forceinline__ int32_t warp_number() { return thread_number() / 32; }

}  // namespace seal::cuda
