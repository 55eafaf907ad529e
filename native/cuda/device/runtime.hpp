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

namespace seal::cuda {

struct Grid {
    int64_t x = 1, y = 1, z = 1;
};

inline void check_cuda(cudaError_t error, const char* what)
{
    if (error != cudaSuccess)
        throw_cuda_error(what, cudaGetErrorString(error));
}

class DeviceMemory {
public:
    explicit DeviceMemory(int64_t bytes) : bytes_(bytes)
    {
        void* memory = nullptr;
        check_cuda(cudaMalloc(&memory, static_cast<size_t>(bytes > 0 ? bytes : 1)), "cudaMalloc");
        memory_ = static_cast<std::byte*>(memory);
    }

    ~DeviceMemory() { cudaFree(memory_); }
    DeviceMemory(const DeviceMemory&) = delete;
    DeviceMemory& operator=(const DeviceMemory&) = delete;

    int64_t bytes() const { return bytes_; }
    std::byte* data() const { return memory_; }

private:
    const int64_t bytes_;
    std::byte* memory_ = nullptr;
};

// In the order of the stream's launches; the host's memory may be reused at once.
inline void copy_to_device(void* target, const void* source, int64_t bytes)
{
    check_cuda(cudaMemcpyAsync(target, source, static_cast<size_t>(bytes), cudaMemcpyHostToDevice, nullptr), "a copy to the device");
}

inline void copy_to_host(void* target, const void* source, int64_t bytes)
{
    check_cuda(cudaMemcpy(target, source, static_cast<size_t>(bytes), cudaMemcpyDeviceToHost), "a copy to the host");
}

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
