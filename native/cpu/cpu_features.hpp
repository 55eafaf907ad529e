#pragma once

#include "seal.h"

namespace seal {

// Asked from the processor once; the same for the life of the process.
const SealCpuFeatures& cpu_features();

}  // namespace seal
