#include "check.hpp"
#include "seal.h"

#include <cstring>

using seal::check;

int main()
{
    SealCpuFeatures f;
    std::memset(&f, 0xff, sizeof(f));
    check(seal_cpu_features(&f) == SEAL_OK, "features are found");
    check(seal_cpu_features(nullptr) == SEAL_BAD_ARGUMENT, "null is refused");
    check(seal_sizeof_cpu_features() == sizeof(SealCpuFeatures), "the exported size is the compiled size");

    for (int32_t flag : {f.sse42, f.avx2, f.fma, f.f16c, f.avx512f, f.avx512bw, f.avx512dq, f.avx512vl, f.avx512_bf16, f.avx512_vnni, f.amx_bf16})
        check(flag == 0 || flag == 1, "a flag is 0 or 1");
    check(f.cores >= 1, "there is a core");
    check(std::memchr(f.brand, 0, sizeof(f.brand)) != nullptr, "the brand ends");
    check(f.l1d_bytes >= 0 && f.l2_bytes >= 0 && f.l3_bytes >= 0, "sizes are not negative");

#if defined(__x86_64__)
    // The compiler's own view of the same processor.
    __builtin_cpu_init();
    check(f.sse42 == (__builtin_cpu_supports("sse4.2") != 0), "sse4.2 as the compiler sees it");
    check(f.avx2 == (__builtin_cpu_supports("avx2") != 0), "avx2 as the compiler sees it");
    check(f.fma == (__builtin_cpu_supports("fma") != 0), "fma as the compiler sees it");
    check(f.avx512f == (__builtin_cpu_supports("avx512f") != 0), "avx512f as the compiler sees it");
    check(f.avx512bw == (__builtin_cpu_supports("avx512bw") != 0), "avx512bw as the compiler sees it");
    check(f.avx512dq == (__builtin_cpu_supports("avx512dq") != 0), "avx512dq as the compiler sees it");
    check(f.avx512vl == (__builtin_cpu_supports("avx512vl") != 0), "avx512vl as the compiler sees it");
    check(f.avx512_vnni == (__builtin_cpu_supports("avx512vnni") != 0), "avx512_vnni as the compiler sees it");
    check(f.avx512_bf16 == (__builtin_cpu_supports("avx512bf16") != 0), "avx512_bf16 as the compiler sees it");
    check(f.brand[0] != 0 && f.brand[0] != ' ', "the brand starts with a letter");
    check(f.l1d_bytes == 0 || (f.l1d_bytes >= 4096 && f.l1d_bytes <= 1 << 20), "a level-1 cache of a sane size");
#endif
    return seal::result();
}
