// Runs a test's body with an engine of every instruction set that this machine has; the others are said, not hidden.
#pragma once

#include "cpu_features.hpp"
#include "engine.hpp"
#include "isa.hpp"

#include <cstdio>

namespace seal {

template <typename Body>
void each_isa(Body&& body, int32_t threads = 2)
{
    for (SealIsa isa = SEAL_ISA_PORTABLE; isa <= SEAL_ISA_AVX512_BF16; isa++) {
        if (isa > best_isa(cpu_features())) {
            std::printf("%s: not run, this machine does not have it\n", isa_name(isa));
            continue;
        }
        SealEngine engine(threads, isa);
        body(&engine, std::string(isa_name(isa)));
    }
}

}  // namespace seal
