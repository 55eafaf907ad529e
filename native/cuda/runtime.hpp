// Device memory and launches, as the host side of the kernels sees them: here those of the emulation, on a GPU those of the CUDA runtime.
#pragma once

#include "platform.cuh"

#include <cstddef>
#include <cstring>
#include <memory>
#include <tuple>
#include <vector>

#if !defined(SEAL_CUDA_EMULATION)
#include "device/runtime.hpp"
#else

namespace seal::cuda {

struct Grid {
    int64_t x = 1, y = 1, z = 1;
};

// A block of device memory, aligned to 256 bytes as cudaMalloc's.
class DeviceMemory {
public:
    explicit DeviceMemory(int64_t bytes) : bytes_(bytes), memory_(static_cast<std::byte*>(::operator new(static_cast<size_t>(bytes), alignment))) {}
    ~DeviceMemory() { ::operator delete(memory_, alignment); }
    DeviceMemory(const DeviceMemory&) = delete;
    DeviceMemory& operator=(const DeviceMemory&) = delete;

    int64_t bytes() const { return bytes_; }
    std::byte* data() const { return memory_; }

private:
    static constexpr std::align_val_t alignment{256};
    const int64_t bytes_;
    std::byte* memory_;
};

inline void copy_to_device(void* target, const void* source, int64_t bytes)
{
    std::memcpy(target, source, static_cast<size_t>(bytes));
}

inline void copy_to_host(void* target, const void* source, int64_t bytes)
{
    std::memcpy(target, source, static_cast<size_t>(bytes));
}

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
