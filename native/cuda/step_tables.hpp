// What a part of a recorded step takes to the device: the tables of its plan, of its products, and the arguments of its launches.
#pragma once

#include "device_memory.hpp"
#include "recorded_launch.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <type_traits>
#include <vector>

namespace seal::cuda {

// One block of the host's memory stands for one of the device's, and what a part wrote goes there in one copy. Arguments grow upwards from a
// fixed place, so that the same launches find theirs where they lay in another step; tables, whose sizes differ, grow downwards from it:
// between the last table and the last argument there is no gap. Where a block is full another follows; the next step has one of both sizes.
class StepTables {
public:
    StepTables(int64_t table_bytes, int64_t argument_bytes) : table_bytes_(table_bytes), argument_bytes_(argument_bytes) {}

    // A step begins: nothing is in it. Waits until the copy of the step before has left.
    void begin()
    {
        if (blocks_.size() != 1) {
            blocks_.clear();
            add_block(table_bytes_, argument_bytes_);
        }
        blocks_.back()->host.wait();
        blocks_.back()->tables = blocks_.back()->arguments = 0;
        plan_.clear();
    }

    // A table of the caller's, who passes the same at every layer: what the step has is found by its bytes.
    template <typename T>
    Global<const T> of(const T* table, int64_t count)
    {
        if (count == 0)
            return {};
        const int64_t bytes = count * static_cast<int64_t>(sizeof(T));
        for (const PlanTable& known : plan_)
            if (known.bytes == bytes && std::memcmp(known.host, table, static_cast<size_t>(bytes)) == 0)
                return {reinterpret_cast<const T*>(known.device), count};
        const auto taken = of<T>(table, count, true);
        return taken;
    }

    // A table that was made for one launch.
    template <typename T>
    Global<const T> of(const std::vector<T>& table)
    {
        return of<T>(table.data(), static_cast<int64_t>(table.size()), false);
    }

    // Where the device will find the arguments of a launch.
    template <typename Kernel>
    const void* arguments(Grid grid, const Kernel& kernel)
    {
        static_assert(std::is_trivially_copyable_v<Kernel>);
        const StepLaunch<Kernel> launch{static_cast<uint32_t>(grid.x), static_cast<uint32_t>(grid.y), static_cast<uint32_t>(grid.z), 0, kernel};
        const int64_t bytes = rounded(sizeof launch);
        if (blocks_.back()->arguments + bytes > blocks_.back()->argument_bytes)
            add_block(table_bytes_, std::max(argument_bytes_, 2 * bytes));
        Block& block = *blocks_.back();
        const int64_t at = block.table_bytes + block.arguments;
        std::memcpy(block.host.data() + at, &launch, sizeof launch);
        block.arguments += bytes;
        return block.device.data() + at;
    }

    // Whether launches of the same kernels lie elsewhere in the next step.
    bool outgrown() const { return blocks_.size() > 1; }

    // To the device; the number of copies.
    int64_t send()
    {
        for (const auto& block : blocks_) {
            const int64_t first = block->table_bytes - block->tables, bytes = block->tables + block->arguments;
            if (bytes > 0)
                block->host.send(block->device.data() + first, block->host.data() + first, bytes);
        }
        return static_cast<int64_t>(blocks_.size());
    }

private:
    static constexpr int64_t alignment = 128;

    struct Block {
        Block(int64_t table_bytes, int64_t argument_bytes)
            : table_bytes(table_bytes), argument_bytes(argument_bytes), device(table_bytes + argument_bytes), host(table_bytes + argument_bytes)
        {
        }

        const int64_t table_bytes, argument_bytes;
        const DeviceMemory device;
        SendingMemory host;
        int64_t tables = 0, arguments = 0;  // bytes taken
    };

    struct PlanTable {
        const std::byte *host, *device;
        int64_t bytes;
    };

    static int64_t rounded(size_t bytes) { return (static_cast<int64_t>(bytes) + alignment - 1) / alignment * alignment; }

    template <typename T>
    Global<const T> of(const T* table, int64_t count, bool again)
    {
        static_assert(std::is_trivially_copyable_v<T>);
        if (count == 0)
            return {};
        const auto bytes = static_cast<size_t>(count) * sizeof(T);
        if (blocks_.back()->tables + rounded(bytes) > blocks_.back()->table_bytes)
            add_block(std::max(table_bytes_, 2 * rounded(bytes)), argument_bytes_);
        Block& block = *blocks_.back();
        block.tables += rounded(bytes);
        const int64_t at = block.table_bytes - block.tables;
        std::memcpy(block.host.data() + at, table, bytes);
        if (again)
            plan_.push_back({block.host.data() + at, block.device.data() + at, static_cast<int64_t>(bytes)});
        return {reinterpret_cast<const T*>(block.device.data() + at), count};
    }

    // The next step's one block has room for all that this one's have.
    void add_block(int64_t table_bytes, int64_t argument_bytes)
    {
        blocks_.push_back(std::make_unique<Block>(rounded(static_cast<size_t>(table_bytes)), rounded(static_cast<size_t>(argument_bytes))));
        table_bytes_ = argument_bytes_ = 0;
        for (const auto& block : blocks_) {
            table_bytes_ += block->table_bytes;
            argument_bytes_ += block->argument_bytes;
        }
    }

    int64_t table_bytes_, argument_bytes_;
    std::vector<std::unique_ptr<Block>> blocks_;
    std::vector<PlanTable> plan_;
};

}  // namespace seal::cuda
