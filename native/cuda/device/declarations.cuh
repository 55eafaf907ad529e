// The little of the CUDA SDK that our sources use, so that clang makes PTX of them without one (-nocudainc -nocudalib).
#pragma once

#include <cstdint>
#include <cstdlib>

#define __global__ __attribute__((global))
#define __device__ __attribute__((device))
#define __host__ __attribute__((host))
#define __shared__ __attribute__((shared))
#define __forceinline__ __inline__ __attribute__((always_inline))
#define __launch_bounds__(...) __attribute__((launch_bounds(__VA_ARGS__)))

// A special register, read wherever it is named.
template <int Register>
struct SealSpecialRegister {
    __device__ operator uint32_t() const
    {
        if constexpr (Register == 0)
            return __nvvm_read_ptx_sreg_tid_x();
        else if constexpr (Register == 1)
            return __nvvm_read_ptx_sreg_ctaid_x();
        else if constexpr (Register == 2)
            return __nvvm_read_ptx_sreg_ctaid_y();
        else
            return __nvvm_read_ptx_sreg_ctaid_z();
    }
};

struct SealThreadIndex {
    SealSpecialRegister<0> x;
};

struct SealBlockIndex {
    SealSpecialRegister<1> x;
    SealSpecialRegister<2> y;
    SealSpecialRegister<3> z;
};

extern const __device__ __attribute__((weak)) SealThreadIndex threadIdx;
extern const __device__ __attribute__((weak)) SealBlockIndex blockIdx;

__device__ __forceinline__ void __syncwarp(uint32_t mask = 0xffffffffu) { __nvvm_bar_warp_sync(mask); }
__device__ __forceinline__ int32_t __shfl_xor_sync(uint32_t mask, int32_t value, int32_t lanes) { return __nvvm_shfl_sync_bfly_i32(mask, value, lanes, 31); }
__device__ __forceinline__ float __shfl_xor_sync(uint32_t mask, float value, int32_t lanes) { return __nvvm_shfl_sync_bfly_f32(mask, value, lanes, 31); }
__device__ __forceinline__ double __shfl_xor_sync(uint32_t mask, double value, int32_t lanes)
{
    const auto bits = __builtin_bit_cast(uint64_t, value);
    const auto low = static_cast<uint32_t>(__nvvm_shfl_sync_bfly_i32(mask, static_cast<int32_t>(bits), lanes, 31));
    const auto high = static_cast<uint32_t>(__nvvm_shfl_sync_bfly_i32(mask, static_cast<int32_t>(bits >> 32), lanes, 31));
    return __builtin_bit_cast(double, static_cast<uint64_t>(high) << 32 | low);
}
__device__ __forceinline__ float __shfl_sync(uint32_t mask, float value, int32_t from) { return __nvvm_shfl_sync_idx_f32(mask, value, from, 31); }
__device__ __forceinline__ uint32_t __ballot_sync(uint32_t mask, bool holds) { return __nvvm_vote_ballot_sync(mask, holds); }
__device__ __forceinline__ int32_t __popc(uint32_t x) { return __builtin_popcount(x); }
__device__ __forceinline__ int32_t __ffs(int32_t x) { return __builtin_ffs(x); }
