// Device memory and launches through the CUDA runtime, linked statically, so that a machine needs its driver alone. The runtime works in the
// device's primary context, which is libtorch's too: pointers of one are pointers of the other.
#pragma once

#include "../engine_errors.hpp"

#if defined(__CUDACC__)
#include <cuda_runtime.h>
#else
#include "runtime_declarations.hpp"
#endif

#include <cstdint>
#include <new>

namespace seal::cuda {

struct Grid {
    int64_t x = 1, y = 1, z = 1;
};

inline void check_cuda(cudaError_t error, const char* what)
{
    if (error != cudaSuccess)
        throw_cuda_error(what, cudaGetErrorString(error));
}

// Out of memory is a failure of its own: who asked may ask for less.
inline void* allocate_memory(int64_t bytes)
{
    void* memory = nullptr;
    const cudaError_t error = cudaMalloc(&memory, static_cast<size_t>(bytes > 0 ? bytes : 1));
    if (error == cudaErrorMemoryAllocation) {
        cudaGetLastError();  // takes it off the thread, or the next launch would be blamed
        throw std::bad_alloc();
    }
    check_cuda(error, "cudaMalloc");
    return memory;
}

// Waits for the device. At the end of a process the driver may be gone already.
inline void free_memory(void* memory) { cudaFree(memory); }

// In the order of the launches, and the host's memory may be reused at once: from pageable memory, which all of ours is, the call
// returns when the bytes are in the driver's own buffer (CUDA Runtime API, "API synchronization behavior"). Page-locked memory, which would be
// read later, must not be given here.
inline void copy_to_device(void* target, const void* source, int64_t bytes)
{
    check_cuda(cudaMemcpyAsync(target, source, static_cast<size_t>(bytes), cudaMemcpyHostToDevice, nullptr), "a copy to the device");
}

// Waits for what was launched before.
inline void copy_to_host(void* target, const void* source, int64_t bytes)
{
    check_cuda(cudaMemcpy(target, source, static_cast<size_t>(bytes), cudaMemcpyDeviceToHost), "a copy to the host");
}

inline void clear_memory(void* memory, int64_t bytes)
{
    check_cuda(cudaMemsetAsync(memory, 0, static_cast<size_t>(bytes), nullptr), "clearing memory");
}

inline void synchronize() { check_cuda(cudaDeviceSynchronize(), "waiting for the device"); }

// More shared memory than 48 KiB a block has only who asks for it.
template <typename... Parameters, typename... Arguments>
void launch_kernel(const char* name, Grid grid, int64_t shared_bytes, void (*kernel)(Parameters...), Arguments&&... arguments)
{
    std::tuple<Parameters...> values(std::forward<Arguments>(arguments)...);
    const auto* function = reinterpret_cast<const void*>(kernel);
    if (shared_bytes > 48 * 1024)
        check_cuda(cudaFuncSetAttribute(function, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(shared_bytes)), name);
    std::apply(
        [&](auto&... each) {
            void* pointers[] = {&each...};
            check_cuda(cudaLaunchKernel(function, dim3(static_cast<unsigned>(grid.x), static_cast<unsigned>(grid.y), static_cast<unsigned>(grid.z)), dim3(block_threads),
                           pointers, static_cast<size_t>(shared_bytes), nullptr), name);
        },
        values);
}

}  // namespace seal::cuda
