// What is known of global memory within one launch: who wrote and read each element through views that can be written.
#pragma once

#include "machine.hpp"

namespace seal::emulation {

// Threads of different blocks are never ordered; those of one block as in shared memory.
class GlobalSpace {
public:
    // A launch begins; launches are ordered.
    void start();

    void read(const void* element, Place at);
    void write(const void* element, Place at);
    void atomic(const void* element, Place at);

private:
    struct Access {
        uint32_t epoch = 0;  // of the machine; 0: never
        uint16_t thread = 0, warp_epoch = 0;
    };

    struct Entry {
        uintptr_t key = 0;
        Access written, read;
        bool atomic = false, many = false;  // the write was atomic; several threads have read
    };

    Entry& entry(const void* element);
    void grow();
    static bool ordered(const Access& earlier);
    static Access now();

    std::vector<Entry> entries_ = std::vector<Entry>(1024);
    size_t used_ = 0;
};

}  // namespace seal::emulation
