// Memory that an operator needs for the length of one call, kept by the engine: after the first step of a size nothing is allocated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>

namespace seal {

class Scratch {
public:
    Scratch() = default;
    ~Scratch() { release(); }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    // A block of at least so many bytes, aligned to 64, valid until the next call; what was in it is lost.
    std::byte* block(int64_t bytes)
    {
        if (bytes > capacity_) {
            release();
            capacity_ = 0;
            memory_ = static_cast<std::byte*>(::operator new(static_cast<size_t>(bytes), alignment));
            capacity_ = bytes;
        }
        return memory_;
    }

    int64_t capacity() const { return capacity_; }

private:
    static constexpr std::align_val_t alignment{64};

    void release()
    {
        ::operator delete(memory_, alignment);
        memory_ = nullptr;
    }

    std::byte* memory_ = nullptr;
    int64_t capacity_ = 0;
};

}  // namespace seal
