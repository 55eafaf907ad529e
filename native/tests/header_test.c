/* The header is C, not only C++. */
#include "seal.h"

int main(void)
{
    SealCpuFeatures features;
    SealEngine* engine = 0;
    if (seal_abi_version() != SEAL_ABI_VERSION || seal_cpu_features(&features) != SEAL_OK)
        return 1;
    if (seal_engine_create(1, "portable", &engine) != SEAL_OK)
        return 1;
    seal_engine_destroy(engine);
    return 0;
}
