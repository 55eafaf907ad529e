// Memory that an operator needs for the length of one call, kept by the engine: after the first step of a size nothing is allocated.
#pragma once

#include "large_memory.hpp"

#include <cstddef>
#include <cstdint>

namespace seal {

class Scratch {
public:
    Scratch() = default;
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    // A block of at least so many bytes, aligned to 64, valid until the next call; what was in it is lost.
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

}  // namespace seal
