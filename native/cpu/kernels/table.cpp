// The table of the instruction set that this file is compiled for; a test finds members that were forgotten.
#include "kernels.hpp"

namespace seal::SEAL_ISA_NAMESPACE {

void add(SealDType type, const void* x, void* y, int64_t n);

extern const Kernels table;
const Kernels table = {
    .add = add,
};

}  // namespace seal::SEAL_ISA_NAMESPACE
