// cp.async: copies from global to shared memory that nobody may look at before their thread has waited for them, and other threads
// not before a barrier after that.
#pragma once

#include "views.hpp"

namespace seal::cuda {

// 16 or 4 bytes to element i of target: `valid` elements from element j of source on, then zeros.
template <int32_t Bytes = 16, typename T>
void copy_async(Shared<T> target, int64_t i, Global<const T> source, int64_t j, int32_t valid, Place at = Place::current())
{
    static_assert(Bytes == 16 || Bytes == 4);
    constexpr int64_t elements = Bytes / sizeof(T);
    const int64_t offset = target.place(i, elements, "copies to", at);
    emulation::PendingCopy copy{offset, emulation::machine.thread().committed, Bytes, {}};
    if (valid < 0 || valid > elements)
        emulation::machine.fault("an asynchronous copy of " + std::to_string(valid) + " elements, expected up to " + std::to_string(elements), at);
    if (valid > 0) {
        source.check(j, valid, Bytes, "copies", at);
        std::memcpy(copy.data, source.stored(j), static_cast<size_t>(valid) * sizeof(T));
    }
    if (emulation::machine.watches_memory)
        emulation::machine.shared().copy_begins(offset, Bytes, at);
    emulation::machine.thread().pending.push_back(copy);
}

// Ends a group of this thread's copies.
inline void commit_copies()
{
    emulation::machine.thread().committed++;
}

// Waits until all but the latest Newest groups of this thread's copies have arrived.
template <int Newest>
void wait_for_copies()
{
    emulation::Thread& self = emulation::machine.thread();
    size_t kept = 0;
    for (const emulation::PendingCopy& copy : self.pending) {
        if (copy.group + Newest >= self.committed) {
            self.pending[kept++] = copy;
            continue;
        }
        std::memcpy(emulation::machine.shared().at(copy.offset), copy.data, static_cast<size_t>(copy.bytes));
        if (emulation::machine.watches_memory)
            emulation::machine.shared().copy_ends(copy.offset, copy.bytes);
    }
    self.pending.resize(kept);
}

}  // namespace seal::cuda
