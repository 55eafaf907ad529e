// A launch that is taken down instead of made.
#pragma once

#include "grid.hpp"

namespace seal::cuda {

// arguments: of the device, a StepLaunch of the kernel whose entry it is. The grid is rounded up.
template <typename Entry>
struct LaunchOf {
    const char* name;
    Entry entry;
    Grid grid;
    int64_t shared_bytes;
    const void* arguments;
};

}  // namespace seal::cuda
