#include "device_space.hpp"

#include "machine.hpp"

#include <cstring>
#include <new>
#include <string>
#include <sys/mman.h>

namespace seal::emulation {

DeviceSpace& device_space = *new DeviceSpace;

namespace {

std::byte* reserve(int protection)
{
    void* memory = mmap(nullptr, static_cast<size_t>(DeviceSpace::capacity), protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        throw std::bad_alloc();
    return static_cast<std::byte*>(memory);
}

}  // namespace

DeviceSpace::DeviceSpace()
    : addresses_(reserve(PROT_NONE)), distance_(reinterpret_cast<uintptr_t>(reserve(PROT_READ | PROT_WRITE)) - reinterpret_cast<uintptr_t>(addresses_))
{
}

void* DeviceSpace::allocate(int64_t bytes)
{
    const std::lock_guard lock(lock_);
    const int64_t wanted = (bytes > 0 ? bytes + alignment - 1 : alignment) / alignment * alignment;
    int64_t first = 0;  // the first gap that is wide enough
    for (const auto& [offset, held] : blocks_) {
        if (offset - first >= wanted)
            break;
        first = offset + held;
    }
    if (wanted > capacity - first)
        throw std::bad_alloc();
    blocks_[first] = wanted;
    std::memset(stored(addresses_ + first), 0xff, static_cast<size_t>(wanted));
    return addresses_ + first;
}

void DeviceSpace::free(void* memory)
{
    const std::lock_guard lock(lock_);
    const auto block = blocks_.find(static_cast<std::byte*>(memory) - addresses_);
    if (block == blocks_.end())
        throw Fault("memory is freed that is no block of the device");
    // Whole pages go back to the system.
    constexpr int64_t page = 4096;
    const int64_t first = (block->first + page - 1) / page * page, end = (block->first + block->second) / page * page;
    if (end > first)
        madvise(stored(addresses_ + first), static_cast<size_t>(end - first), MADV_DONTNEED);
    blocks_.erase(block);
}

void DeviceSpace::write(void* device, const void* host, int64_t bytes)
{
    check(device, host, bytes, "a copy to the device");
    std::memcpy(stored(static_cast<std::byte*>(device)), host, static_cast<size_t>(bytes));
}

void DeviceSpace::read(const void* device, void* host, int64_t bytes)
{
    check(device, host, bytes, "a copy to the host");
    std::memcpy(host, stored(static_cast<const std::byte*>(device)), static_cast<size_t>(bytes));
}

void DeviceSpace::clear(void* device, int64_t bytes)
{
    check(device, nullptr, bytes, "clearing");
    std::memset(stored(static_cast<std::byte*>(device)), 0, static_cast<size_t>(bytes));
}

void DeviceSpace::check(const void* device, const void* host, int64_t bytes, const char* what) const
{
    const std::lock_guard lock(lock_);
    if (holds(host, 1))
        throw Fault(std::string(what) + ": memory of the device was given for the host's");
    if (!holds(device, bytes))
        throw Fault(std::string(what) + ": memory of the host was given for the device's");
    const int64_t offset = static_cast<const std::byte*>(device) - addresses_;
    auto block = blocks_.upper_bound(offset);
    if (block == blocks_.begin() || (--block, offset + bytes > block->first + block->second))
        throw Fault(std::string(what) + " of " + std::to_string(bytes) + " bytes is not within one block of the device's memory");
}

}  // namespace seal::emulation
