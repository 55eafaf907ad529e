// A failure of the CUDA runtime on its way to the border.
#pragma once

#include "status.hpp"

namespace seal::cuda {

[[noreturn]] inline void throw_cuda_error(const char* what, const char* text)
{
    throw Error(SEAL_INTERNAL, std::string(what) + ": " + text);
}

}  // namespace seal::cuda
