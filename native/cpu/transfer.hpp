#pragma once

#include "shape.hpp"
#include "status.hpp"

#include "seal.h"

namespace seal {

// Whether there is something to be done with so many bytes of the engine's memory; refuses what cannot be.
inline bool transfers(const SealEngine* engine, const void* memory, int64_t bytes)
{
    required(engine, "engine");
    if (at_least<int64_t>(0, bytes, "bytes") == 0)
        return false;
    required_memory(memory, "memory");
    return true;
}

// The same of a copy from or to the host.
inline bool transfers(const SealEngine* engine, const void* memory, const void* host, int64_t bytes)
{
    if (!transfers(engine, memory, bytes))
        return false;
    required_memory(host, "host");
    return true;
}

}  // namespace seal
