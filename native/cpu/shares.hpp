// Units of work dealt to the threads in contiguous shares, so that each streams through neighbouring memory; who has finished takes
// units from the end of the fullest share left. Which thread computes a unit depends on timing; what the unit computes must not.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

namespace seal {

class Shares {
public:
    explicit Shares(int32_t threads) : ranges_(static_cast<size_t>(threads)) {}

    int32_t threads() const { return static_cast<int32_t>(ranges_.size()); }

    // Before the threads start: thread's units are first .. last.
    void give(int32_t thread, uint32_t first, uint32_t last)
    {
        ranges_[static_cast<size_t>(thread)].bits.store(pack(first, last), std::memory_order_relaxed);
    }

    // The next unit of this thread, or one of another's; false when none is left.
    bool take(int32_t thread, uint32_t& unit)
    {
        if (take_first(ranges_[static_cast<size_t>(thread)], unit))
            return true;
        for (;;) {
            Range* fullest = nullptr;
            uint32_t most = 0;
            for (Range& range : ranges_) {
                const uint64_t bits = range.bits.load(std::memory_order_relaxed);
                if (left(bits) > most) {
                    most = left(bits);
                    fullest = &range;
                }
            }
            if (fullest == nullptr)
                return false;
            if (take_last(*fullest, unit))
                return true;
        }
    }

    // The unit that the thread will take next of its own, if no other thread does before; false where none is left.
    bool next(int32_t thread, uint32_t& unit) const
    {
        const uint64_t bits = ranges_[static_cast<size_t>(thread)].bits.load(std::memory_order_relaxed);
        unit = first(bits);
        return left(bits) > 0;
    }

private:
    struct alignas(64) Range {
        std::atomic<uint64_t> bits{0};  // first unit low, end high
    };

    static uint64_t pack(uint32_t first, uint32_t last) { return first | uint64_t{last} << 32; }
    static uint32_t first(uint64_t bits) { return static_cast<uint32_t>(bits); }
    static uint32_t end(uint64_t bits) { return static_cast<uint32_t>(bits >> 32); }
    static uint32_t left(uint64_t bits) { return end(bits) - first(bits); }

    static bool take_first(Range& range, uint32_t& unit)
    {
        uint64_t bits = range.bits.load(std::memory_order_relaxed);
        while (left(bits) > 0)
            if (range.bits.compare_exchange_weak(bits, pack(first(bits) + 1, end(bits)), std::memory_order_relaxed)) {
                unit = first(bits);
                return true;
            }
        return false;
    }

    static bool take_last(Range& range, uint32_t& unit)
    {
        uint64_t bits = range.bits.load(std::memory_order_relaxed);
        while (left(bits) > 0)
            if (range.bits.compare_exchange_weak(bits, pack(first(bits), end(bits) - 1), std::memory_order_relaxed)) {
                unit = end(bits) - 1;
                return true;
            }
        return false;
    }

    std::vector<Range> ranges_;
};

}  // namespace seal
