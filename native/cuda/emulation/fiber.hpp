// A thread of a block as a fiber: a stack of its own, switched to and from by hand.
#pragma once

#include <cstddef>
#include <cstdint>

#if !defined(__x86_64__)
#include <ucontext.h>
#endif

namespace seal::emulation {

// Where execution stands while it is not running. Switching costs a few nanoseconds on x86-64, where it is written out; elsewhere the
// C library's contexts do it, which also save the signal mask.
class Fiber {
public:
    // The next switch to this fiber enters `body` on the stack; body never returns.
    void start(std::byte* stack, size_t bytes, void (*body)());

    // Leaves the running code, kept in `from`, for `to`.
    static void switch_to(Fiber& from, Fiber& to);

private:
#if defined(__x86_64__)
    void* stack_pointer_ = nullptr;
#else
    ucontext_t context_{};
#endif
};

// Stacks of one size with a page between them that must not be touched: an overflow stops the program instead of another thread.
class Stacks {
public:
    static constexpr size_t bytes = 128 * 1024;

    Stacks() = default;
    ~Stacks();
    Stacks(const Stacks&) = delete;
    Stacks& operator=(const Stacks&) = delete;

    // Makes room for so many.
    void reserve(int32_t count);

    std::byte* stack(int32_t i) const;

private:
    std::byte* memory_ = nullptr;
    int32_t count_ = 0;
};

}  // namespace seal::emulation
