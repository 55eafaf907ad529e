#include "isa.hpp"

#include "status.hpp"

#include <array>

namespace seal {

namespace {

constexpr std::array names = {"portable", "avx2", "avx512", "avx512_bf16"};

std::string available(const SealCpuFeatures& features)
{
    std::string text;
    for (SealIsa isa = best_isa(features); isa >= SEAL_ISA_PORTABLE; isa--)
        text += (text.empty() ? "" : ", ") + std::string(isa_name(isa));
    return "this machine has " + text;
}

}  // namespace

const char* isa_name(SealIsa isa)
{
    return names.at(static_cast<size_t>(isa));
}

SealIsa best_isa(const SealCpuFeatures& f)
{
    if (!(f.avx2 && f.fma && f.f16c))
        return SEAL_ISA_PORTABLE;
    if (!(f.avx512f && f.avx512bw && f.avx512dq && f.avx512vl))
        return SEAL_ISA_AVX2;
    return f.avx512_bf16 && f.avx512_vnni ? SEAL_ISA_AVX512_BF16 : SEAL_ISA_AVX512;
}

SealIsa isa_named(const std::string& name, const SealCpuFeatures& features)
{
    for (SealIsa isa = SEAL_ISA_PORTABLE; isa <= SEAL_ISA_AVX512_BF16; isa++) {
        if (name != isa_name(isa))
            continue;
        if (isa > best_isa(features))
            throw Error(SEAL_UNAVAILABLE, "instruction set '" + name + "' is not available: " + available(features));
        return isa;
    }
    throw Error(SEAL_BAD_ARGUMENT, "instruction set '" + name + "' is not known: " + available(features));
}

}  // namespace seal
