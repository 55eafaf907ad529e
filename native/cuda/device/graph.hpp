// A CUDA graph of recorded launches, each after the one before it. Built node by node: the default stream, on which everything runs, cannot
// be captured, but a graph can be launched there.
#pragma once

#include "runtime.hpp"

#include <cstddef>
#include <vector>

namespace seal::cuda {

class Graph {
public:
    explicit Graph(const std::vector<RecordedLaunch>& launches) : launches_(launches), nodes_(launches.size())
    {
        try {
            check_cuda(cudaGraphCreate(&graph_, 0), "making a graph");
            for (size_t i = 0; i < launches_.size(); i++) {
                allow_shared_bytes(launches_[i].name, launches_[i].entry, launches_[i].shared_bytes);
                const Node node(launches_[i]);
                check_cuda(cudaGraphAddKernelNode(&nodes_[i], graph_, nullptr, 0, &node.parameters), launches_[i].name);
                if (i > 0)
                    follow(i);
            }
            check_cuda(cudaGraphInstantiate(&executable_, graph_, 0), "instantiating a graph");
        } catch (...) {
            destroy();
            throw;
        }
    }

    ~Graph() { destroy(); }
    Graph(const Graph&) = delete;
    Graph& operator=(const Graph&) = delete;

    // Launch i gets this grid from now on; what runs already is not touched.
    void resize(size_t i, Grid grid)
    {
        launches_[i].grid = grid;
        const Node node(launches_[i]);
        check_cuda(cudaGraphExecKernelNodeSetParams(executable_, nodes_[i], &node.parameters), launches_[i].name);
    }

    void run() const { check_cuda(cudaGraphLaunch(executable_, nullptr), "launching a graph"); }

private:
    // Launch i comes after the one before it; where it waits for that by itself, it may begin before the other has ended.
    void follow(size_t i)
    {
        const char* name = launches_[i].name;
#if CUDART_VERSION >= 13000
        cudaGraphEdgeData edge{};
        if (begins_early(name, launches_[i].entry)) {
            edge.from_port = cudaGraphKernelNodePortProgrammatic;
            edge.type = cudaGraphDependencyTypeProgrammatic;
        }
        check_cuda(cudaGraphAddDependencies(graph_, &nodes_[i - 1], &nodes_[i], &edge, 1), name);
#else
        check_cuda(cudaGraphAddDependencies(graph_, &nodes_[i - 1], &nodes_[i], 1), name);
#endif
    }

    // CUDA reads the argument where its parameters point, until the call that takes them returns.
    struct Node {
        explicit Node(const RecordedLaunch& launch) : argument(launch.arguments)
        {
            parameters.func = const_cast<void*>(launch.entry);
            parameters.gridDim = device_grid(launch.grid);
            parameters.blockDim = dim3(block_threads);
            parameters.sharedMemBytes = static_cast<unsigned>(launch.shared_bytes);
            parameters.kernelParams = arguments;
        }

        Node(const Node&) = delete;
        Node& operator=(const Node&) = delete;

        const void* argument;
        void* arguments[1] = {&argument};
        cudaKernelNodeParams parameters{};
    };

    void destroy()
    {
        if (executable_ != nullptr)
            cudaGraphExecDestroy(executable_);
        if (graph_ != nullptr)
            cudaGraphDestroy(graph_);
    }

    std::vector<RecordedLaunch> launches_;
    std::vector<cudaGraphNode_t> nodes_;
    cudaGraph_t graph_ = nullptr;  // its nodes name those of the executable
    cudaGraphExec_t executable_ = nullptr;
};

}  // namespace seal::cuda
