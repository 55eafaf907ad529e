#include "seal.h"

int32_t seal_abi_version() noexcept
{
    return SEAL_ABI_VERSION;
}
