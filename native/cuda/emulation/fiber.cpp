#include "fiber.hpp"

#include <cstdlib>
#include <new>
#include <sys/mman.h>

#if defined(__x86_64__)
// Registers that a called function must keep (System V ABI) go to the stack; the stack pointer goes to *from.
asm(R"(
    .text
    .p2align 4
    .hidden seal_fiber_switch
    .globl seal_fiber_switch
    .type seal_fiber_switch, @function
seal_fiber_switch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
    .size seal_fiber_switch, .-seal_fiber_switch
)");

extern "C" void seal_fiber_switch(void** from, void* to);
#endif

namespace seal::emulation {

namespace {

constexpr size_t guard = 4096;

}  // namespace

#if defined(__x86_64__)

void Fiber::start(std::byte* stack, size_t bytes, void (*body)())
{
    // As if body had been called: its address to return to, six registers, and above them a return address that is never used.
    void** top = reinterpret_cast<void**>(stack + bytes);
    top[-1] = nullptr;
    top[-2] = reinterpret_cast<void*>(body);
    for (int i = 3; i <= 8; i++)
        top[-i] = nullptr;
    stack_pointer_ = top - 8;
}

void Fiber::switch_to(Fiber& from, Fiber& to)
{
    seal_fiber_switch(&from.stack_pointer_, to.stack_pointer_);
}

#else

void Fiber::start(std::byte* stack, size_t bytes, void (*body)())
{
    getcontext(&context_);
    context_.uc_stack.ss_sp = stack;
    context_.uc_stack.ss_size = bytes;
    context_.uc_link = nullptr;
    makecontext(&context_, body, 0);
}

void Fiber::switch_to(Fiber& from, Fiber& to)
{
    swapcontext(&from.context_, &to.context_);
}

#endif

Stacks::~Stacks()
{
    if (memory_ != nullptr)
        munmap(memory_, static_cast<size_t>(count_) * (bytes + guard));
}

void Stacks::reserve(int32_t count)
{
    if (count <= count_)
        return;
    if (memory_ != nullptr)
        munmap(memory_, static_cast<size_t>(count_) * (bytes + guard));
    memory_ = nullptr;
    count_ = 0;
    void* memory = mmap(nullptr, static_cast<size_t>(count) * (bytes + guard), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        throw std::bad_alloc();
    memory_ = static_cast<std::byte*>(memory);
    count_ = count;
    for (int32_t i = 0; i < count; i++)
        if (mprotect(memory_ + static_cast<size_t>(i) * (bytes + guard), guard, PROT_NONE) != 0)
            throw std::bad_alloc();
}

std::byte* Stacks::stack(int32_t i) const
{
    return memory_ + static_cast<size_t>(i) * (bytes + guard) + guard;
}

}  // namespace seal::emulation
