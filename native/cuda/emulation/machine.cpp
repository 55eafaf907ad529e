#include "machine.hpp"

#include "global_space.hpp"
#include "shared_space.hpp"

#include <mutex>

seal::emulation::Dim3 threadIdx, blockIdx, blockDim, gridDim;

namespace seal::emulation {

Machine machine;

namespace {

std::mutex one_launch;

std::string text(Place at)
{
    std::string file = at.file_name();
    return file.substr(file.rfind('/') + 1) + ":" + std::to_string(at.line());
}

std::string text(Dim3 d)
{
    return "(" + std::to_string(d.x) + ", " + std::to_string(d.y) + ", " + std::to_string(d.z) + ")";
}

bool same(Place a, Place b)
{
    return a.line() == b.line() && a.column() == b.column() && std::string_view(a.file_name()) == b.file_name();
}

}  // namespace

Machine::Machine() : shared_(std::make_unique<SharedSpace>()), global_(std::make_unique<GlobalSpace>()) {}

Machine::~Machine() = default;

void Machine::run(const char* kernel, Dim3 grid, Dim3 block, int64_t shared_bytes, const std::function<void()>& body)
{
    const std::lock_guard lock(one_launch);
    kernel_ = kernel;
    const int64_t threads = int64_t{block.x} * block.y * block.z;
    if (threads < 1 || threads > 1024)
        throw Fault(std::string(kernel) + ": launched with " + std::to_string(threads) + " threads a block, expected 1 to 1024");
    if (grid.x < 1 || grid.y < 1 || grid.z < 1 || grid.x > 0x7fffffff || grid.y > 65535 || grid.z > 65535)
        throw Fault(std::string(kernel) + ": launched on a grid of " + text(Dim3(grid)) + ", expected 1 to 2147483647, 65535 and 65535");
    if (shared_bytes < 0 || shared_bytes > SharedSpace::most)
        throw Fault(std::string(kernel) + ": launched with " + std::to_string(shared_bytes) + " bytes of shared memory, expected up to " + std::to_string(SharedSpace::most));
    count_ = static_cast<int32_t>(threads);
    stacks_.reserve(count_);
    if (threads_.size() < static_cast<size_t>(count_))
        threads_.resize(static_cast<size_t>(count_));
    body_ = &body;
    gridDim = grid;
    blockDim = block;
    found_.clear();
    global_->start();
    counts.launches++;
    for (uint32_t z = 0; z < grid.z; z++)
        for (uint32_t y = 0; y < grid.y; y++)
            for (uint32_t x = 0; x < grid.x; x++) {
                shared_->start(shared_bytes);
                run_block({x, y, z});
            }
}

void Machine::run_block(Dim3 place)
{
    blockIdx = place;
    block_epoch_ = ++epoch_;
    arrived_ = ended_ = 0;
    counts.blocks++;
    warps_.assign(static_cast<size_t>((count_ + warp_lanes - 1) / warp_lanes), Warp{});
    for (int32_t i = 0; i < count_; i++) {
        Thread& t = threads_[static_cast<size_t>(i)];
        const auto number = static_cast<uint32_t>(i);
        t.index = {number % blockDim.x, number / blockDim.x % blockDim.y, number / blockDim.x / blockDim.y};
        t.number = i;
        t.state = State::ready;
        t.committed = 0;
        t.pending.clear();
        // Tops a few lines apart: whole pages apart they would all want the same sets of the processor's caches.
        t.fiber.start(stacks_.stack(i), Stacks::bytes - static_cast<size_t>(i % 64) * 192, &Machine::enter);
    }
    while (ended_ < count_) {
        bool moved = false;
        for (int32_t i = 0; i < count_; i++)
            if (threads_[static_cast<size_t>(i)].state == State::ready) {
                resume(threads_[static_cast<size_t>(i)]);
                moved = true;
            }
        if (!moved)
            stalled();
    }
    shared_->end_interval();
}

void Machine::resume(Thread& thread)
{
    thread_ = &thread;
    threadIdx = thread.index;
    Fiber::switch_to(host_, thread.fiber);
    thread_ = nullptr;
    if (!found_.empty())
        throw Fault(found_);
}

void Machine::enter()
{
    (*machine.body_)();
    Thread& self = *machine.thread_;
    self.state = State::ended;
    machine.ended_++;
    Fiber::switch_to(self.fiber, machine.host_);
}

void Machine::wait(State state, Place at)
{
    Thread& self = *thread_;
    self.state = state;
    self.waits_at = at;
    Fiber::switch_to(self.fiber, host_);
}

void Machine::barrier(Place at)
{
    for (int32_t i = 0; arrived_ > 0 && i < count_; i++) {
        const Thread& other = threads_[static_cast<size_t>(i)];
        if (other.state != State::at_barrier)
            continue;
        if (!same(other.waits_at, at))
            fault("divergent barrier: it came to " + text(at) + " while thread " + std::to_string(other.number) + " waits at " + text(other.waits_at), at);
        break;
    }
    if (++arrived_ == count_)
        release_barrier();
    else
        wait(State::at_barrier, at);
}

void Machine::release_barrier()
{
    arrived_ = 0;
    counts.barriers++;
    shared_->end_interval();
    epoch_++;
    for (int32_t i = 0; i < count_; i++)
        threads_[static_cast<size_t>(i)].state = State::ready;
}

void Machine::collective(uint32_t mask, const void* operation, void* arguments, Place at, void (*run)(void* const* arguments, uint32_t mask))
{
    Warp& w = warp();
    const int32_t lane = thread_->lane(), lanes = std::min(warp_lanes, count_ - thread_->warp() * warp_lanes);
    const uint32_t present = lanes == warp_lanes ? ~0u : (1u << lanes) - 1;
    if ((mask & present) != mask || (mask >> lane & 1) == 0)
        fault("a warp operation at " + text(at) + " names lanes that are not there, or not its own", at);
    if (w.arrived != 0 && (w.operation != operation || w.mask != mask || !same(w.at, at)))
        fault("divergent warp: its lane came to " + text(at) + " while others wait at " + text(w.at), at);
    w.mask = mask;
    w.operation = operation;
    w.at = at;
    w.arguments[lane] = arguments;
    w.arrived |= 1u << lane;
    if (w.arrived != mask) {
        wait(State::at_collective, at);
        return;
    }
    w.arrived = 0;
    counts.collectives++;
    run(w.arguments, mask);
    for (int32_t i = 0; i < lanes; i++)
        if ((mask >> i & 1) != 0)
            this->lane(i).state = State::ready;
}

void Machine::stalled()
{
    const Thread* waiting = nullptr;
    const Thread* other = nullptr;
    for (int32_t i = 0; i < count_; i++) {
        const Thread& t = threads_[static_cast<size_t>(i)];
        if (waiting == nullptr && t.state != State::ended)
            waiting = &t;
    }
    for (int32_t i = 0; i < count_; i++) {
        const Thread& t = threads_[static_cast<size_t>(i)];
        if (other == nullptr && (t.state != waiting->state || !same(t.waits_at, waiting->waits_at)))
            other = &t;
    }
    const std::string what = waiting->state == State::at_barrier ? "divergent barrier" : "divergent warp";
    const std::string rest = other == nullptr ? "the others of its warp are not there"
        : "thread " + std::to_string(other->number) + (other->state == State::ended ? " has ended" : " waits at " + text(other->waits_at));
    throw Fault(std::string(kernel_) + ", block " + text(blockIdx) + ": " + what + ": thread " + std::to_string(waiting->number) + " waits at " +
        text(waiting->waits_at) + ", " + rest);
}

std::string Machine::who() const
{
    return std::string(kernel_) + ", block " + text(blockIdx) + ", thread " + std::to_string(thread_ == nullptr ? -1 : thread_->number);
}

void Machine::fault(const std::string& what, Place at)
{
    found_ = who() + ": " + what + " (" + text(at) + ")";
    if (thread_ == nullptr)
        throw Fault(found_);
    Fiber::switch_to(thread_->fiber, host_);
    __builtin_unreachable();
}

}  // namespace seal::emulation
