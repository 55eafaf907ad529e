// Tables of the host's as kernels read them: a step's plan, products and their terms.
#pragma once

#include "device_memory.hpp"

#include <algorithm>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <vector>

namespace seal::cuda {

// Calls pass the same tables again and again: a plan's at every layer, a group's products in every step of the same shape, whose buffers lie
// where they lay before. So what went up lately stays, found by its bytes, and only what is new is copied; hashing a kilobyte takes less than
// a copy's call. Tables lie one behind the other in a ring; what a new one covers is forgotten. It is overwritten in the order of
// the launches, so those that read it before are not disturbed. A table that lies in the half of the ring where new ones come next is copied anew:
// found there, it could be covered by another table of the same call, before the launch that reads both.
class PlanTables {
public:
    explicit PlanTables(int64_t capacity = 8 << 20) : capacity_(capacity) {}

    // Valid for the call, whose tables together are a small part of the ring.
    template <typename T>
    Global<const T> of(const T* table, int64_t count)
    {
        static_assert(std::is_trivially_copyable_v<T>);
        if (count == 0)
            return {};
        return {reinterpret_cast<const T*>(on_device({reinterpret_cast<const char*>(table), static_cast<size_t>(count) * sizeof(T)})), count};
    }

    template <typename T>
    Global<const T> of(const std::vector<T>& table)
    {
        return of(table.data(), static_cast<int64_t>(table.size()));
    }

    // Copies to the device so far.
    int64_t copies() const { return copies_; }

private:
    static constexpr int64_t alignment = 256;

    struct Table {
        int64_t offset;
        std::string bytes;
    };

    const std::byte* on_device(std::string_view bytes)
    {
        if (const auto known = places_.find(bytes); known != places_.end()) {
            if ((known->second - next_ + ring_->bytes()) % ring_->bytes() >= ring_->bytes() / 2)
                return ring_->data() + known->second;
            places_.erase(known);
        }
        const auto size = (static_cast<int64_t>(bytes.size()) + alignment - 1) / alignment * alignment;
        if (ring_ == nullptr || 16 * size > ring_->bytes())
            enlarge(size);
        if (next_ + size > ring_->bytes())
            turn();
        forget(next_ + size);
        copy_to_device(ring_->data() + next_, bytes.data(), static_cast<int64_t>(bytes.size()));
        copies_++;
        tables_.push_back({next_, std::string(bytes)});
        places_.emplace(tables_.back().bytes, next_);
        next_ += size;
        return ring_->data() + tables_.back().offset;
    }

    // A deque keeps its elements where they are, so the keys may point into them.
    void forget(int64_t end)
    {
        while (!tables_.empty() && tables_.front().offset >= next_ && tables_.front().offset < end) {
            // What was copied anew is known by its later place.
            if (const auto known = places_.find(tables_.front().bytes); known != places_.end() && known->second == tables_.front().offset)
                places_.erase(known);
            tables_.pop_front();
        }
    }

    // Back to the ring's beginning; what lies behind its last table goes first, as the oldest.
    void turn()
    {
        forget(ring_->bytes());
        next_ = 0;
    }

    // The old ring stays, less than half of the new one: tables of this call may lie in it.
    void enlarge(int64_t size)
    {
        places_.clear();
        tables_.clear();
        next_ = 0;
        if (ring_ != nullptr)
            before_.push_back(std::move(ring_));
        ring_ = std::make_unique<DeviceMemory>(std::max(capacity_, 32 * size));
    }

    const int64_t capacity_;
    std::unique_ptr<DeviceMemory> ring_;
    std::vector<std::unique_ptr<DeviceMemory>> before_;
    std::deque<Table> tables_;  // oldest first
    std::unordered_map<std::string_view, int64_t> places_;
    int64_t next_ = 0, copies_ = 0;
};

}  // namespace seal::cuda
