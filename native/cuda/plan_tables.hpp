// The tables of a step's plan, which are the host's, as kernels read them.
#pragma once

#include "runtime.hpp"

#include <algorithm>
#include <array>

namespace seal::cuda {

// The calls of one step pass the same few tables layer after layer. The latest are kept with what they hold, and one is copied to the
// device only when its bytes are not there already: once a step, where a copy a call would be a dozen a layer. Comparing a few kilobytes
// takes less than a copy's call. A table is overwritten in the order of the launches, so those that read it before are not disturbed.
class PlanTables {
public:
    // Valid for the call: it has no more tables than are kept.
    template <typename T>
    Global<const T> of(const T* table, int64_t count)
    {
        if (count == 0)
            return {};
        return {reinterpret_cast<const T*>(on_device(table, static_cast<size_t>(count) * sizeof(T))), count};
    }

private:
    static constexpr size_t kept = 24;

    struct Table {
        std::vector<std::byte> bytes;
        std::unique_ptr<DeviceMemory> device;
        int64_t asked = 0;
    };

    const std::byte* on_device(const void* table, size_t bytes)
    {
        Table* oldest = &tables_[0];
        for (Table& t : tables_) {
            if (t.bytes.size() == bytes && std::memcmp(t.bytes.data(), table, bytes) == 0) {
                t.asked = ++asked_;
                return t.device->data();
            }
            if (t.asked < oldest->asked)
                oldest = &t;
        }
        const auto* first = static_cast<const std::byte*>(table);
        oldest->bytes.clear();  // if what follows fails, this holds nothing
        if (oldest->device == nullptr || static_cast<size_t>(oldest->device->bytes()) < bytes)
            oldest->device = std::make_unique<DeviceMemory>(static_cast<int64_t>(std::max<size_t>(2 * bytes, 4096)));
        copy_to_device(oldest->device->data(), table, static_cast<int64_t>(bytes));
        oldest->bytes.assign(first, first + bytes);
        oldest->asked = ++asked_;
        return oldest->device->data();
    }

    std::array<Table, kept> tables_;
    int64_t asked_ = 0;
};

}  // namespace seal::cuda
