// The graphs of recorded steps.
#pragma once

#include "runtime.hpp"

#include <algorithm>
#include <memory>
#include <vector>

namespace seal::cuda {

// A graph for each list of kernels that steps of one bucket of rows were made of. Nothing else of a step is in it but its grids, and a grid that
// is larger than a step's serves it too: its blocks read how many are meant. So grids grow to what a bucket's steps need, and then stay.
class StepGraphs {
public:
    enum class Use { made, updated, as_it_was };

    // Runs the launches, whose arguments lie where they will in every step.
    Use run(int64_t rows, const std::vector<RecordedLaunch>& launches)
    {
        const int64_t bucket = bucket_of(rows);
        const auto found = std::find_if(graphs_.begin(), graphs_.end(), [&](const auto& held) { return held->serves(bucket, launches); });
        if (found == graphs_.end()) {
            // Only the one that was used longest ago is lost.
            auto made = std::make_unique<Held>(bucket, launches);
            if (graphs_.size() == most)
                graphs_.pop_back();
            graphs_.insert(graphs_.begin(), std::move(made));
            graphs_.front()->graph.run();
            return Use::made;
        }
        std::rotate(graphs_.begin(), found, found + 1);
        const bool changed = graphs_.front()->fit(launches);
        graphs_.front()->graph.run();
        return changed ? Use::updated : Use::as_it_was;
    }

    // Arguments lie elsewhere from now on.
    void clear() { graphs_.clear(); }

private:
    static constexpr size_t most = 64;

    struct Held {
        Held(int64_t bucket, const std::vector<RecordedLaunch>& launches) : bucket(bucket), launches(launches), graph(launches) {}

        bool serves(int64_t rows, const std::vector<RecordedLaunch>& others) const
        {
            return rows == bucket && std::equal(launches.begin(), launches.end(), others.begin(), others.end(), [](const auto& a, const auto& b) {
                return a.entry == b.entry && a.shared_bytes == b.shared_bytes && a.arguments == b.arguments;
            });
        }

        bool fit(const std::vector<RecordedLaunch>& others)
        {
            bool changed = false;
            for (size_t i = 0; i < others.size(); i++) {
                const Grid grid = serving(launches[i].grid, others[i].grid);
                if (grid == launches[i].grid)
                    continue;
                graph.resize(i, grid);
                launches[i].grid = grid;
                changed = true;
            }
            return changed;
        }

        const int64_t bucket;
        std::vector<RecordedLaunch> launches;
        Graph graph;
    };

    // The grid of both; or what is needed alone, where few of the blocks of both would be: long sequences in one step and many in another make
    // attention's grid their product.
    static Grid serving(Grid held, Grid needed)
    {
        const Grid both{std::max(held.x, needed.x), std::max(held.y, needed.y), std::max(held.z, needed.z)};
        constexpr int64_t few = 1024;
        return both.blocks() <= std::max(few, 4 * needed.blocks()) ? both : needed;
    }

    std::vector<std::unique_ptr<Held>> graphs_;  // the latest first
};

}  // namespace seal::cuda
