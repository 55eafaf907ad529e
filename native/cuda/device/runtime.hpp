// Device memory and launches through the CUDA runtime, linked statically, so that a machine needs its driver alone. The runtime works in the
// device's primary context, which is libtorch's too: pointers of one are pointers of the other.
#pragma once

#include "../engine_errors.hpp"
#include "../recorded_launch.hpp"

#if defined(__CUDACC__)
#include <cuda_runtime.h>
#else
#include "runtime_declarations.hpp"
#endif

#include <cstddef>
#include <new>
#include <vector>

namespace seal::cuda {

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

inline dim3 device_grid(Grid grid)
{
    return dim3(static_cast<unsigned>(grid.x), static_cast<unsigned>(grid.y), static_cast<unsigned>(grid.z));
}

// More shared memory than 48 KiB a block has only who asks for it.
inline void allow_shared_bytes(const char* name, const void* entry, int64_t shared_bytes)
{
    if (shared_bytes > 48 * 1024)
        check_cuda(cudaFuncSetAttribute(entry, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(shared_bytes)), name);
}

// Whether these kernels wait for earlier ones by themselves, so that they may begin before those have ended: what is compiled for sm_90 or later does.
inline bool begins_early(const char* name, const void* entry)
{
    cudaFuncAttributes attributes{};
    check_cuda(cudaFuncGetAttributes(&attributes, entry), name);
    return attributes.ptxVersion >= 90;
}

// The argument: what the entry's one parameter is.
inline void launch_entry(const char* name, const void* entry, Grid grid, int64_t shared_bytes, const void* argument)
{
    allow_shared_bytes(name, entry, shared_bytes);
    static const bool early = begins_early(name, entry);
    cudaLaunchAttribute attribute{};
    attribute.id = cudaLaunchAttributeProgrammaticStreamSerialization;
    attribute.val.programmaticStreamSerializationAllowed = 1;
    cudaLaunchConfig_t launch{};
    launch.gridDim = device_grid(grid);
    launch.blockDim = dim3(block_threads);
    launch.dynamicSmemBytes = static_cast<size_t>(shared_bytes);
    launch.attrs = &attribute;
    launch.numAttrs = early ? 1 : 0;
    void* arguments[] = {const_cast<void*>(argument)};
    check_cuda(cudaLaunchKernelExC(&launch, entry, arguments), name);
}

template <typename Kernel>
void launch_kernel(const char* name, Grid grid, int64_t shared_bytes, const Kernel& kernel)
{
    launch_entry(name, reinterpret_cast<const void*>(&eager_kernel<Kernel>), grid, shared_bytes, &kernel);
}

using RecordedLaunch = LaunchOf<const void*>;

template <typename Kernel>
RecordedLaunch recorded_launch(const char* name, Grid grid, int64_t shared_bytes, const void* arguments)
{
    return {name, reinterpret_cast<const void*>(&recorded_kernel<Kernel>), grid, shared_bytes, arguments};
}

inline void launch_recorded(const RecordedLaunch& launch)
{
    launch_entry(launch.name, launch.entry, launch.grid, launch.shared_bytes, &launch.arguments);
}

}  // namespace seal::cuda

#include "graph.hpp"
#include "sending_memory.hpp"
