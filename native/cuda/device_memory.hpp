// When blocks of the device's memory go back.
#pragma once

#include "runtime.hpp"

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <new>
#include <vector>

namespace seal::cuda {

// What is freed while a step is recorded may be named by its launches, which have yet to run: it is kept until no step is being recorded.
// One for all engines, because a block does not know which engine's launches name it.
class FreedMemory {
public:
    void free(void* memory)
    {
        {
            const std::lock_guard lock(lock_);
            if (recording_ > 0) {
                keep(memory);
                return;
            }
        }
        free_memory(memory);
    }

    void step_begins()
    {
        const std::lock_guard lock(lock_);
        recording_++;
    }

    void step_ends()
    {
        std::vector<void*> kept;
        {
            const std::lock_guard lock(lock_);
            if (--recording_ == 0)
                kept.swap(kept_);
        }
        for (void* memory : kept)
            free_memory(memory);
    }

private:
    // Who frees cannot be told that there is no memory to note it; then the block is lost, which is better than pulled from under a launch.
    void keep(void* memory)
    {
        try {
            kept_.push_back(memory);
        } catch (const std::bad_alloc&) {
        }
    }

    std::mutex lock_;
    int32_t recording_ = 0;
    std::vector<void*> kept_;
};

// It stays until the process ends: owners of memory may be destroyed later than anything else.
inline FreedMemory& freed_memory = *new FreedMemory;

// A block of device memory, uninitialised, aligned to 256 bytes.
class DeviceMemory {
public:
    explicit DeviceMemory(int64_t bytes) : bytes_(bytes), memory_(static_cast<std::byte*>(allocate_memory(bytes))) {}
    ~DeviceMemory() { freed_memory.free(memory_); }
    DeviceMemory(const DeviceMemory&) = delete;
    DeviceMemory& operator=(const DeviceMemory&) = delete;

    int64_t bytes() const { return bytes_; }
    std::byte* data() const { return memory_; }

private:
    const int64_t bytes_;
    std::byte* memory_;
};

}  // namespace seal::cuda
