// A block's shared memory and what is known of every half-word of it: who wrote it last, who read it since, and when.
#pragma once

#include "machine.hpp"

#include <memory>

namespace seal::emulation {

// Epochs of 0 are never. Two accesses of different threads, one of them a write, are ordered by a block barrier between them (the epochs
// differ) or, within a warp, by a warp barrier (the warp's epochs differ). Anything else is a race.
struct Cell {
    uint32_t written = 0, read = 0;
    uint16_t writer = 0, writer_warp_epoch = 0;
    uint16_t reader = 0, reader_warp_epoch = 0;
    uint16_t pending = 0;      // 1 + the thread whose asynchronous copy is on its way here
    bool several = false;      // threads of one warp have read in that warp epoch
    bool many_warps = false;   // threads of several warps have read in that epoch
};

class SharedSpace {
public:
    static constexpr int64_t most = 227 * 1024;  // what a block of an H100 can have; an A100 has 163 KiB, cards of sm_86 and sm_89 99
    static constexpr int64_t cell_bytes = 2;
    static constexpr int32_t banks = 32;

    SharedSpace();

    // A block begins: everything is uninitialised.
    void start(int64_t bytes);

    int64_t bytes() const { return bytes_; }
    std::byte* at(int64_t offset) { return memory_ + offset; }

    void read(int64_t offset, int64_t bytes, Place at);
    void write(int64_t offset, int64_t bytes, Place at);
    void copy_begins(int64_t offset, int64_t bytes, Place at);
    void copy_ends(int64_t offset, int64_t bytes);

    // Bank conflicts are counted of what the lanes of a warp access one after the other between two points where they meet: the n-th
    // accesses of all lanes are taken for one instruction's. It costs time: only when asked.
    bool counts_conflicts = false;
    void end_interval();

private:
    void log(int64_t offset, int64_t bytes);
    int32_t conflicts_of(const std::vector<std::vector<uint32_t>>& lanes, size_t ordinal) const;

    std::unique_ptr<std::byte[]> raw_;
    std::byte* memory_;
    std::vector<Cell> cells_;
    int64_t bytes_ = 0;
    std::vector<std::vector<std::vector<uint32_t>>> accesses_;  // [warp][lane], offset · 32 + bytes
};

}  // namespace seal::emulation
