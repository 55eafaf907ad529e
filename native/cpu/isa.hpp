#pragma once

#include "seal.h"

#include <string>

namespace seal {

const char* isa_name(SealIsa isa);

// The best set that a processor with these features has.
SealIsa best_isa(const SealCpuFeatures& features);

// The set of this name, which must be one that the processor has. Throws Error with the names that it has.
SealIsa isa_named(const std::string& name, const SealCpuFeatures& features);

}  // namespace seal
