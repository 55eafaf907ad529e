// Memory of the device and launches, as the host side of the kernels sees them: here those of the emulation, on a GPU those of the CUDA runtime.
#pragma once

#include "kernel.cuh"

#if defined(SEAL_CUDA_EMULATION)
#include "emulation/runtime.hpp"
#else
#include "device/runtime.hpp"
#endif
