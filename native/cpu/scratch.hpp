// Memory that an operator needs for the length of one call, kept by the engine: after the first step of a size nothing is allocated.
#pragma once

#include "large_memory.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace seal {

class Scratch {
public:
    Scratch() = default;
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    // A block of at least so many bytes, aligned to a page, valid until the next call; what was in it is lost.
    std::byte* block(int64_t bytes)
    {
        if (bytes > capacity_) {
            memory_.reset();
            capacity_ = 0;
            memory_ = large_memory(bytes);
            capacity_ = bytes;
        }
        return reinterpret_cast<std::byte*>(memory_.get());
    }

    int64_t capacity() const { return capacity_; }

private:
    std::shared_ptr<uint8_t> memory_;
    int64_t capacity_ = 0;
};

// A block for each thread, the same memory whatever the operator: what one thread has in its cache, no other will write to next. Where threads
// sit on several caches, a line that changes hands takes longer than one from memory.
class OwnScratch {
public:
    explicit OwnScratch(int32_t threads) : blocks_(static_cast<size_t>(threads)) {}

    // From now on every thread's block has at least so many bytes; what was in them is lost.
    void reserve(int64_t bytes)
    {
        for (Scratch& own : blocks_)
            own.block(bytes);
    }

    std::byte* of(int64_t thread) { return blocks_[static_cast<size_t>(thread)].block(0); }

    int64_t capacity() const
    {
        int64_t sum = 0;
        for (const Scratch& own : blocks_)
            sum += own.capacity();
        return sum;
    }

private:
    std::vector<Scratch> blocks_;
};

}  // namespace seal
