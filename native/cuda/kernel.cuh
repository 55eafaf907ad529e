// How a kernel is declared: a struct whose fields are its arguments and whose call operator is what every thread does. It has two entries:
// one that takes the arguments by value, and one for recorded steps.
#pragma once

#include "platform.cuh"

namespace seal::cuda {

// A kernel that says so waits for the kernels before it by itself, behind what it can do without them.
template <typename Kernel>
__device__ __forceinline__ void run_kernel(const Kernel& kernel)
{
    if constexpr (!requires { typename Kernel::WaitsByItself; })
        wait_for_earlier_kernels();
    kernel();
}

template <typename Kernel>
__global__ void __launch_bounds__(block_threads) eager_kernel(const Kernel kernel)
{
    run_kernel(kernel);
}

// What a recorded launch finds in the device's memory: the grid that is meant, which may be smaller than the graph's, and the arguments.
template <typename Kernel>
struct StepLaunch {
    uint32_t x, y, z, unused;
    Kernel kernel;
};

// A graph holds nothing of a step but where this lies, so that it serves every step with the same kernels. Blocks beyond the grid exit whole.
template <typename Kernel>
__global__ void __launch_bounds__(block_threads) recorded_kernel(const void* launch)
{
    const StepLaunch<Kernel> own = Global<const StepLaunch<Kernel>>(static_cast<const StepLaunch<Kernel>*>(launch), 1).get(0);
    if (blockIdx.x < own.x && blockIdx.y < own.y && blockIdx.z < own.z)
        run_kernel(own.kernel);
}

}  // namespace seal::cuda
