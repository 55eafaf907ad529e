// Memory of the device and launches, as the host side of the kernels sees them: here those of the emulation, on a GPU those of the CUDA runtime.
#pragma once

#include "platform.cuh"

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <tuple>
#include <vector>

#if !defined(SEAL_CUDA_EMULATION)
#include "device/runtime.hpp"
#else

namespace seal::cuda {

struct Grid {
    int64_t x = 1, y = 1, z = 1;
};

inline void* allocate_memory(int64_t bytes) { return emulation::device_space.allocate(bytes); }
inline void free_memory(void* memory) { emulation::device_space.free(memory); }
inline void copy_to_device(void* target, const void* source, int64_t bytes) { emulation::device_space.write(target, source, bytes); }
inline void copy_to_host(void* target, const void* source, int64_t bytes) { emulation::device_space.read(source, target, bytes); }
inline void clear_memory(void* memory, int64_t bytes) { emulation::device_space.clear(memory, bytes); }
inline void synchronize() {}

template <typename... Parameters, typename... Arguments>
void launch_kernel(const char* name, Grid grid, int64_t shared_bytes, void (*kernel)(Parameters...), Arguments&&... arguments)
{
    const std::tuple<Parameters...> values(std::forward<Arguments>(arguments)...);
    const auto narrow_size = [](int64_t n) { return n < 0 || n > 0x7fffffff ? 0u : static_cast<uint32_t>(n); };
    emulation::machine.run(name, {narrow_size(grid.x), narrow_size(grid.y), narrow_size(grid.z)}, {block_threads, 1, 1}, shared_bytes,
        [&] { std::apply(kernel, values); });
}

}  // namespace seal::cuda

#endif

namespace seal::cuda {

// A block of device memory, uninitialised, aligned to 256 bytes.
class DeviceMemory {
public:
    explicit DeviceMemory(int64_t bytes) : bytes_(bytes), memory_(static_cast<std::byte*>(allocate_memory(bytes))) {}
    ~DeviceMemory() { free_memory(memory_); }
    DeviceMemory(const DeviceMemory&) = delete;
    DeviceMemory& operator=(const DeviceMemory&) = delete;

    int64_t bytes() const { return bytes_; }
    std::byte* data() const { return memory_; }

private:
    const int64_t bytes_;
    std::byte* memory_;
};

}  // namespace seal::cuda
