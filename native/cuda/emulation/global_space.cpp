#include "global_space.hpp"

namespace seal::emulation {

namespace {

std::string name(const Machine& m, uint32_t epoch, uint16_t thread)
{
    return (epoch < m.block_epoch() ? "a thread " + std::to_string(thread) + " of another block" : "thread " + std::to_string(thread));
}

}  // namespace

void GlobalSpace::start()
{
    if (used_ > 0)
        entries_.assign(entries_.size() > 65536 ? 1024 : entries_.size(), Entry{});
    used_ = 0;
}

GlobalSpace::Access GlobalSpace::now()
{
    return {machine.epoch(), static_cast<uint16_t>(machine.thread().number), machine.warp().epoch};
}

bool GlobalSpace::ordered(const Access& earlier)
{
    if (earlier.epoch == 0)
        return true;
    if (earlier.epoch < machine.block_epoch())
        return false;
    if (earlier.epoch != machine.epoch() || earlier.thread == machine.thread().number)
        return true;
    return earlier.thread / warp_lanes == machine.thread().warp() && earlier.warp_epoch != machine.warp().epoch;
}

void GlobalSpace::read(const void* element, Place at)
{
    Entry& e = entry(element);
    if (!ordered(e.written))
        machine.fault("race: reads global memory that " + name(machine, e.written.epoch, e.written.thread) + " writes in the same launch without a barrier between", at);
    const Access self = now();
    e.many = e.read.epoch == self.epoch && (e.many || e.read.thread != self.thread);
    e.read = self;
}

void GlobalSpace::write(const void* element, Place at)
{
    Entry& e = entry(element);
    if (!ordered(e.written))
        machine.fault("race: writes global memory that " + name(machine, e.written.epoch, e.written.thread) + " writes in the same launch without a barrier between", at);
    if (!ordered(e.read) || (e.many && e.read.epoch == machine.epoch()))
        machine.fault("race: writes global memory that " + name(machine, e.read.epoch, e.read.thread) + " reads in the same launch without a barrier between", at);
    e.written = now();
    e.atomic = false;
}

void GlobalSpace::atomic(const void* element, Place at)
{
    Entry& e = entry(element);
    if (!e.atomic && !ordered(e.written))
        machine.fault("race: changes atomically what " + name(machine, e.written.epoch, e.written.thread) + " writes plainly without a barrier between", at);
    e.written = now();
    e.atomic = true;
}

GlobalSpace::Entry& GlobalSpace::entry(const void* element)
{
    if (2 * used_ >= entries_.size())
        grow();
    const auto key = reinterpret_cast<uintptr_t>(element);
    for (size_t i = (key >> 1) * 0x9e3779b97f4a7c15ull % entries_.size();; i = (i + 1) % entries_.size()) {
        Entry& e = entries_[i];
        if (e.key == key)
            return e;
        if (e.key == 0) {
            e.key = key;
            used_++;
            return e;
        }
    }
}

void GlobalSpace::grow()
{
    std::vector<Entry> old(entries_.size() * 4);
    old.swap(entries_);
    used_ = 0;
    for (const Entry& e : old)
        if (e.key != 0)
            entry(reinterpret_cast<const void*>(e.key)) = e;
}

}  // namespace seal::emulation
