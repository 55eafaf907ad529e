// Steps that are recorded and then run as a graph.
#pragma once

#include "engine_errors.hpp"
#include "seal.h"
#include "step_graphs.hpp"
#include "step_tables.hpp"

#include <string>

namespace seal::cuda {

// Between begin and end launches are taken down, not made; end sends their arguments and tables in one copy and runs them as one graph.
class StepRecorder {
public:
    explicit StepRecorder(StepTables tables = StepTables()) : tables_(std::move(tables)) {}
    ~StepRecorder() { abandon(); }
    StepRecorder(const StepRecorder&) = delete;
    StepRecorder& operator=(const StepRecorder&) = delete;

    bool recording() const { return recording_; }
    StepTables& tables() { return tables_; }
    const SealStepCounts& counts() const { return counts_; }

    void begin(int64_t rows)
    {
        if (recording_)
            throw Error(SEAL_BAD_ARGUMENT, "a step of " + std::to_string(rows_) + " rows is being recorded: end or abandon it before another begins");
        if (tables_.outgrown())
            graphs_.clear();
        tables_.begin();
        freed_memory.step_begins();
        rows_ = rows;
        recording_ = true;
    }

    template <typename Kernel>
    void record(const char* name, Grid grid, int64_t shared_bytes, const Kernel& kernel)
    {
        if (std::min({grid.x, grid.y, grid.z}) < 1 || grid.x > largest_grid.x || grid.y > largest_grid.y || grid.z > largest_grid.z)
            throw_cuda_error(name, ("a grid of " + std::to_string(grid.x) + " x " + std::to_string(grid.y) + " x " + std::to_string(grid.z) +
                " blocks, expected 1 to 2147483647, 65535 and 65535").c_str());
        launches_.push_back(recorded_launch<Kernel>(name, bucket_of(grid), shared_bytes, tables_.arguments(grid, kernel)));
    }

    // The number of launches. Whether they succeed or not, the step is over.
    int64_t end()
    {
        if (!recording_)
            throw Error(SEAL_BAD_ARGUMENT, "no step is being recorded: seal_step_begin comes before seal_step_end");
        const struct Over {
            StepRecorder& steps;
            ~Over() { steps.abandon(); }
        } over{*this};
        if (launches_.empty())
            return 0;
        counts_.copies += tables_.send();
        run();
        return static_cast<int64_t>(launches_.size());
    }

    // Forgets what was recorded.
    void abandon()
    {
        if (!recording_)
            return;
        recording_ = false;
        launches_.clear();
        freed_memory.step_ends();
    }

private:
    void run()
    {
        // A graph would be of no use to another step, whose arguments will lie elsewhere.
        if (tables_.outgrown()) {
            for (const RecordedLaunch& launch : launches_)
                launch_recorded(launch);
            return;
        }
        switch (graphs_.run(rows_, launches_)) {
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

    StepTables tables_;
    StepGraphs graphs_;
    std::vector<RecordedLaunch> launches_;
    SealStepCounts counts_{};
    int64_t rows_ = 0;
    bool recording_ = false;
};

}  // namespace seal::cuda
