#include "shared_space.hpp"

#include <algorithm>
#include <cstring>

namespace seal::emulation {

namespace {

std::string at_byte(int64_t cell)
{
    return "shared memory at byte " + std::to_string(cell * SharedSpace::cell_bytes);
}

bool ordered(uint32_t then, uint16_t other, uint16_t other_warp_epoch)
{
    if (then != machine.epoch() || other == machine.thread().number)
        return true;
    return other / warp_lanes == machine.thread().warp() && other_warp_epoch != machine.warp().epoch;
}

}  // namespace

SharedSpace::SharedSpace() : raw_(new std::byte[most + 128])
{
    memory_ = raw_.get() + (128 - reinterpret_cast<uintptr_t>(raw_.get()) % 128) % 128;
}

void SharedSpace::start(int64_t bytes)
{
    bytes_ = bytes;
    if (machine.watches_memory)
        cells_.assign(static_cast<size_t>((bytes + cell_bytes - 1) / cell_bytes), Cell{});
    std::memset(memory_, 0xff, static_cast<size_t>(bytes));  // NaN, should anyone get to see it
}

void SharedSpace::read(int64_t offset, int64_t bytes, Place at)
{
    machine.counts.shared_accesses++;
    if (counts_conflicts)
        log(offset, bytes);
    const auto self = static_cast<uint16_t>(machine.thread().number);
    const uint16_t warp_epoch = machine.warp().epoch;
    for (int64_t i = offset / cell_bytes, end = (offset + bytes) / cell_bytes; i < end; i++) {
        Cell& c = cells_[static_cast<size_t>(i)];
        if (c.pending != 0)
            machine.fault("reads " + at_byte(i) + " while an asynchronous copy of thread " + std::to_string(c.pending - 1) + " is on its way there", at);
        if (c.written == 0)
            machine.fault("reads uninitialised " + at_byte(i), at);
        if (!ordered(c.written, c.writer, c.writer_warp_epoch))
            machine.fault("race: reads " + at_byte(i) + ", which thread " + std::to_string(c.writer) + " writes without a barrier between", at);
        if (c.read == machine.epoch()) {
            const bool same_warp = c.reader / warp_lanes == machine.thread().warp();
            c.many_warps |= !same_warp;
            c.several = same_warp && c.reader_warp_epoch == warp_epoch && (c.several || c.reader != self);
        } else {
            c.many_warps = c.several = false;
        }
        c.read = machine.epoch();
        c.reader = self;
        c.reader_warp_epoch = warp_epoch;
    }
}

void SharedSpace::write(int64_t offset, int64_t bytes, Place at)
{
    machine.counts.shared_accesses++;
    if (counts_conflicts)
        log(offset, bytes);
    copy_begins(offset, bytes, at);
    copy_ends(offset, bytes);
}

void SharedSpace::copy_begins(int64_t offset, int64_t bytes, Place at)
{
    for (int64_t i = offset / cell_bytes, end = (offset + bytes) / cell_bytes; i < end; i++) {
        Cell& c = cells_[static_cast<size_t>(i)];
        if (c.pending != 0)
            machine.fault("writes " + at_byte(i) + " while an asynchronous copy of thread " + std::to_string(c.pending - 1) + " is on its way there", at);
        if (c.written != 0 && !ordered(c.written, c.writer, c.writer_warp_epoch))
            machine.fault("race: writes " + at_byte(i) + ", as thread " + std::to_string(c.writer) + " does, without a barrier between", at);
        const bool read_by_others = c.read == machine.epoch() &&
            (c.many_warps || !ordered(c.read, c.reader, c.reader_warp_epoch) || (c.several && c.reader_warp_epoch == machine.warp().epoch));
        if (read_by_others)
            machine.fault("race: writes " + at_byte(i) + ", which thread " + std::to_string(c.reader) + " reads without a barrier between", at);
        c.pending = static_cast<uint16_t>(1 + machine.thread().number);
    }
}

void SharedSpace::copy_ends(int64_t offset, int64_t bytes)
{
    for (int64_t i = offset / cell_bytes, end = (offset + bytes) / cell_bytes; i < end; i++) {
        Cell& c = cells_[static_cast<size_t>(i)];
        c.pending = 0;
        c.written = machine.epoch();
        c.writer = static_cast<uint16_t>(machine.thread().number);
        c.writer_warp_epoch = machine.warp().epoch;
        c.read = 0;
    }
}

void SharedSpace::log(int64_t offset, int64_t bytes)
{
    const auto warp = static_cast<size_t>(machine.thread().warp());
    if (accesses_.size() <= warp)
        accesses_.resize(warp + 1, std::vector<std::vector<uint32_t>>(warp_lanes));
    accesses_[warp][static_cast<size_t>(machine.thread().lane())].push_back(static_cast<uint32_t>(offset * 32 + bytes));
}

void SharedSpace::end_interval()
{
    if (!counts_conflicts)
        return;
    for (auto& lanes : accesses_) {
        size_t longest = 0;
        for (const auto& lane : lanes)
            longest = std::max(longest, lane.size());
        for (size_t ordinal = 0; ordinal < longest; ordinal++)
            machine.counts.bank_conflicts += conflicts_of(lanes, ordinal);
        for (auto& lane : lanes)
            lane.clear();
    }
}

// Passes beyond the first. Accesses of 16 bytes go in four phases of 8 lanes, of 8 bytes in two of 16, smaller ones all at once; lanes
// that want the same word share it.
int32_t SharedSpace::conflicts_of(const std::vector<std::vector<uint32_t>>& lanes, size_t ordinal) const
{
    uint32_t widest = 4;
    for (const auto& lane : lanes)
        if (ordinal < lane.size())
            widest = std::max(widest, lane[ordinal] % 32);
    const size_t together = widest > 8 ? 8 : widest > 4 ? 16 : 32;
    int32_t extra = 0;
    for (size_t from = 0; from < warp_lanes; from += together) {
        std::vector<uint32_t> words;
        for (size_t lane = from; lane < from + together; lane++)
            if (ordinal < lanes[lane].size()) {
                const uint32_t offset = lanes[lane][ordinal] / 32, bytes = lanes[lane][ordinal] % 32;
                for (uint32_t word = offset / 4; word * 4 < offset + bytes; word++)
                    words.push_back(word);
            }
        std::sort(words.begin(), words.end());
        words.erase(std::unique(words.begin(), words.end()), words.end());
        int32_t load[banks] = {}, most_loaded = 1;
        for (uint32_t word : words)
            most_loaded = std::max(most_loaded, ++load[word % banks]);
        extra += most_loaded - 1;
    }
    return extra;
}

}  // namespace seal::emulation
