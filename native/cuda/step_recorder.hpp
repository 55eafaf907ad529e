// Steps that are recorded and then run as a graph.
#pragma once

#include "engine_errors.hpp"
#include "seal.h"
#include "step_graphs.hpp"
#include "step_tables.hpp"

#include <memory>
#include <string>
#include <vector>

namespace seal::cuda {

// Between begin and end launches are taken down, not made. A part of so many of them goes to the device with its arguments and tables in one copy and
// runs there as one graph, while the host takes down the next: a step of one part would leave the device without work until the host is done.
class StepRecorder {
public:
    explicit StepRecorder(int64_t table_bytes = 1 << 20, int64_t argument_bytes = 1 << 18) : table_bytes_(table_bytes), argument_bytes_(argument_bytes) {}
    ~StepRecorder() { abandon(); }
    StepRecorder(const StepRecorder&) = delete;
    StepRecorder& operator=(const StepRecorder&) = delete;

    static constexpr size_t part_launches = 96;

    bool recording() const { return recording_; }
    StepTables& tables() { return parts_[part_]->tables; }
    const SealStepCounts& counts() const { return counts_; }

    void begin(int64_t rows)
    {
        if (recording_)
            throw Error(SEAL_BAD_ARGUMENT, "a step of " + std::to_string(rows_) + " rows is being recorded: end or abandon it before another begins");
        part_ = 0;
        begin_part();
        freed_memory.step_begins();
        rows_ = rows;
        sent_ = 0;
        recording_ = true;
    }

    // A failure to send what is full ends the step.
    template <typename Kernel>
    void record(const char* name, Grid grid, int64_t shared_bytes, const Kernel& kernel)
    {
        if (std::min({grid.x, grid.y, grid.z}) < 1 || grid.x > largest_grid.x || grid.y > largest_grid.y || grid.z > largest_grid.z)
            throw_cuda_error(name, ("a grid of " + std::to_string(grid.x) + " x " + std::to_string(grid.y) + " x " + std::to_string(grid.z) +
                " blocks, expected 1 to 2147483647, 65535 and 65535").c_str());
        if (launches_.size() == part_launches) {
            // Tables of this launch may lie in the part that goes: they are there before it runs.
            EndsStep failed{this};
            send();
            part_++;
            begin_part();
            failed.recorder = nullptr;
        }
        launches_.push_back(recorded_launch<Kernel>(name, bucket_of(grid), shared_bytes, tables().arguments(grid, kernel)));
    }

    // The number of launches. Whether they succeed or not, the step is over.
    int64_t end()
    {
        if (!recording_)
            throw Error(SEAL_BAD_ARGUMENT, "no step is being recorded: seal_step_begin comes before seal_step_end");
        const EndsStep over{this};
        send();
        return sent_;
    }

    // Forgets what was taken down and has not gone yet.
    void abandon()
    {
        if (!recording_)
            return;
        recording_ = false;
        launches_.clear();
        freed_memory.step_ends();
    }

private:
    struct Part {
        Part(int64_t table_bytes, int64_t argument_bytes) : tables(table_bytes, argument_bytes) {}

        StepTables tables;
        StepGraphs graphs;
    };

    struct EndsStep {
        StepRecorder* recorder;
        ~EndsStep()
        {
            if (recorder != nullptr)
                recorder->abandon();
        }
    };

    // Its memory may be written again once the copy of the step before has left.
    void begin_part()
    {
        if (part_ == parts_.size())
            parts_.push_back(std::make_unique<Part>(table_bytes_, argument_bytes_));
        Part& part = *parts_[part_];
        if (part.tables.outgrown())
            part.graphs.clear();
        part.tables.begin();
    }

    void send()
    {
        if (launches_.empty())
            return;
        counts_.copies += tables().send();
        run();
        sent_ += static_cast<int64_t>(launches_.size());
        launches_.clear();
    }

    void run()
    {
        // A graph would be of no use to another step, whose arguments will lie elsewhere.
        if (tables().outgrown()) {
            for (const RecordedLaunch& launch : launches_)
                launch_recorded(launch);
            return;
        }
        switch (parts_[part_]->graphs.run(rows_, launches_)) {
        case StepGraphs::Use::made:
            counts_.graphs++;
            break;
        case StepGraphs::Use::updated:
            counts_.updates++;
            [[fallthrough]];
        case StepGraphs::Use::as_it_was:
            counts_.replays++;
            break;
        }
    }

    const int64_t table_bytes_, argument_bytes_;
    std::vector<std::unique_ptr<Part>> parts_;
    size_t part_ = 0;
    std::vector<RecordedLaunch> launches_;
    SealStepCounts counts_{};
    int64_t rows_ = 0, sent_ = 0;
    bool recording_ = false;
};

}  // namespace seal::cuda
