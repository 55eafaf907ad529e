// One block after another, its threads as fibers that run until they wait for each other.
#pragma once

#include "fiber.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <source_location>
#include <stdexcept>
#include <string>
#include <vector>

namespace seal::emulation {

struct Dim3 {
    uint32_t x = 1, y = 1, z = 1;
};

using Place = std::source_location;

// What a kernel did that a GPU does not forgive. Thrown by run, on the host's stack.
class Fault : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

constexpr int32_t warp_lanes = 32;

enum class State : uint8_t { ready, at_barrier, at_collective, ended };

// An asynchronous copy of up to 16 bytes that its thread has not waited for.
struct PendingCopy {
    int64_t offset;
    uint32_t group;
    int32_t bytes;
    std::byte data[16];
};

struct Thread {
    Fiber fiber;
    Dim3 index;
    int32_t number = 0;
    State state = State::ready;
    Place waits_at{};
    uint32_t committed = 0;  // groups of asynchronous copies
    std::vector<PendingCopy> pending;

    int32_t warp() const { return number / warp_lanes; }
    int32_t lane() const { return number % warp_lanes; }
};

// Lanes of a warp that have come to a collective operation, each with its arguments.
struct Warp {
    uint32_t mask = 0;
    uint32_t arrived = 0;
    const void* operation = nullptr;
    Place at{};
    void* arguments[warp_lanes] = {};
    uint16_t epoch = 0;  // warp barriers so far
};

class SharedSpace;
class GlobalSpace;

// What is counted of the launches since the counts were last cleared.
struct Counts {
    int64_t launches = 0, blocks = 0, barriers = 0, collectives = 0, shared_accesses = 0, bank_conflicts = 0;
};

class Machine {
public:
    Machine();
    ~Machine();

    // Runs a kernel on a grid; throws Fault at the first thing it does wrong. One launch at a time.
    void run(const char* kernel, Dim3 grid, Dim3 block, int64_t shared_bytes, const std::function<void()>& body);

    bool running() const { return thread_ != nullptr; }
    Thread& thread() { return *thread_; }
    Warp& warp() { return warps_[static_cast<size_t>(thread_->warp())]; }
    Thread& lane(int32_t lane) { return threads_[static_cast<size_t>(thread_->warp() * warp_lanes + lane)]; }
    int32_t block_threads() const { return count_; }

    // Rises with every barrier and every block: accesses of one block in different epochs are ordered.
    uint32_t epoch() const { return epoch_; }
    uint32_t block_epoch() const { return block_epoch_; }

    SharedSpace& shared() { return *shared_; }
    GlobalSpace& global() { return *global_; }

    void barrier(Place at);

    // Lanes of the mask come together; the last of them runs the operation on the arguments of all.
    void collective(uint32_t mask, const void* operation, void* arguments, Place at, void (*run)(void* const* arguments, uint32_t mask));

    // Ends the launch. Called by a kernel's thread it does not return; what was found is thrown by run.
    [[noreturn]] void fault(const std::string& what, Place at);

    // Whether shared and global memory are watched for races and uninitialised reads, which costs several times the rest. Bounds, alignment
    // and barriers always are.
    bool watches_memory = true;

    Counts counts;

private:
    void run_block(Dim3 place);
    void resume(Thread& thread);
    void wait(State state, Place at);
    [[noreturn]] void stalled();
    void release_barrier();
    std::string who() const;
    static void enter();

    std::vector<Thread> threads_;
    std::vector<Warp> warps_;
    Stacks stacks_;
    Fiber host_;
    Thread* thread_ = nullptr;
    const std::function<void()>* body_ = nullptr;
    const char* kernel_ = "";
    int32_t count_ = 0, arrived_ = 0, ended_ = 0;
    uint32_t epoch_ = 0, block_epoch_ = 0;
    std::string found_;
    std::unique_ptr<SharedSpace> shared_;
    std::unique_ptr<GlobalSpace> global_;
};

// The one GPU of this process.
extern Machine machine;

}  // namespace seal::emulation

// The special registers of the running thread, in CUDA's words.
extern seal::emulation::Dim3 threadIdx, blockIdx, blockDim, gridDim;
