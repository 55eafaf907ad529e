// Runs a test's body with an engine of every instruction set that this machine has; the others are said, not hidden.
#pragma once

#include "cpu_features.hpp"
#include "engine.hpp"
#include "isa.hpp"
#include "status.hpp"

#include <cstdio>

namespace seal {

inline bool compiled(SealIsa isa)
{
    try {
        kernels_of(isa);
        return true;
    } catch (const Error&) {
        return false;
    }
}

template <typename Body>
void each_isa(Body&& body, int32_t threads = 2)
{
    for (SealIsa isa = SEAL_ISA_PORTABLE; isa <= SEAL_ISA_AVX512_BF16; isa++) {
        if (isa > best_isa(cpu_features()) || !compiled(isa)) {
            std::printf("%s: not run, %s\n", isa_name(isa), compiled(isa) ? "this machine does not have it" : "its kernels are not in this build");
            continue;
        }
        SealEngine engine(threads, isa);
        body(&engine, std::string(isa_name(isa)));
    }
}

}  // namespace seal
