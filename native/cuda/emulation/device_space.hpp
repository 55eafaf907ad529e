// The emulated GPU's memory, which is not the host's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>

namespace seal::emulation {

// Addresses of a device are reserved and never opened: host code that follows one stops with a segmentation fault, at once and whatever
// runs beside it. What they hold lies at a fixed distance, in memory that only a launch's views and the copies below know; opening
// and closing the addresses themselves would be a system call a launch, and open to the host's other threads in between.
class DeviceSpace {
public:
    static constexpr int64_t capacity = int64_t{1} << 35;  // of addresses; pages come with their first use
    static constexpr int64_t alignment = 256;              // cudaMalloc's

    DeviceSpace();
    DeviceSpace(const DeviceSpace&) = delete;
    DeviceSpace& operator=(const DeviceSpace&) = delete;

    // Uninitialised: every byte 0xff, which is NaN in f32 and bf16 and no index. Throws std::bad_alloc.
    void* allocate(int64_t bytes);
    void free(void* memory);

    // Between the host and one block of the device. Throw Fault where an end lies elsewhere.
    void write(void* device, const void* host, int64_t bytes);
    void read(const void* device, void* host, int64_t bytes);
    void clear(void* device, int64_t bytes);

    // Whether these are a device's addresses, in use or not: for every access of a kernel, so it is only a comparison.
    bool holds(const void* first, int64_t bytes) const
    {
        const auto offset = reinterpret_cast<uintptr_t>(first) - reinterpret_cast<uintptr_t>(addresses_);
        return offset < static_cast<uintptr_t>(capacity) && static_cast<uintptr_t>(bytes) <= static_cast<uintptr_t>(capacity) - offset;
    }

    // Where the element at a device's address is kept.
    template <typename T>
    T* stored(T* device) const
    {
        return reinterpret_cast<T*>(reinterpret_cast<uintptr_t>(device) + distance_);
    }

private:
    void check(const void* device, const void* host, int64_t bytes, const char* what) const;

    std::byte* addresses_;
    uintptr_t distance_;
    mutable std::mutex lock_;
    std::map<int64_t, int64_t> blocks_;  // bytes by offset
};

// The one GPU's. It stays until the process ends: its owners may be destroyed later than anything else.
extern DeviceSpace& device_space;

}  // namespace seal::emulation
