// The choice of the instruction set, on processors that are only described.
#include "check.hpp"
#include "isa.hpp"
#include "status.hpp"

using seal::check;

static SealCpuFeatures with_avx2()
{
    SealCpuFeatures f{};
    f.sse42 = f.avx2 = f.fma = f.f16c = 1;
    return f;
}

static SealCpuFeatures with_avx512()
{
    SealCpuFeatures f = with_avx2();
    f.avx512f = f.avx512bw = f.avx512dq = f.avx512vl = 1;
    return f;
}

static void the_best_is_chosen()
{
    SealCpuFeatures bf16 = with_avx512();
    bf16.avx512_bf16 = bf16.avx512_vnni = 1;
    check(seal::best_isa(SealCpuFeatures{}) == SEAL_ISA_PORTABLE, "nothing is portable");
    check(seal::best_isa(with_avx2()) == SEAL_ISA_AVX2, "avx2");
    check(seal::best_isa(with_avx512()) == SEAL_ISA_AVX512, "avx512");
    check(seal::best_isa(bf16) == SEAL_ISA_AVX512_BF16, "avx512_bf16");
}

static void one_missing_part_lowers_the_choice()
{
    SealCpuFeatures no_fma = with_avx512();
    no_fma.fma = 0;
    check(seal::best_isa(no_fma) == SEAL_ISA_PORTABLE, "no fma is portable");
    SealCpuFeatures no_vnni = with_avx512();
    no_vnni.avx512_bf16 = 1;
    check(seal::best_isa(no_vnni) == SEAL_ISA_AVX512, "no avx512_vnni is avx512");
    SealCpuFeatures no_vl = with_avx512();
    no_vl.avx512vl = 0;
    no_vl.avx512_bf16 = 1;
    check(seal::best_isa(no_vl) == SEAL_ISA_AVX2, "no avx512vl is avx2");
}

static void a_name_that_the_processor_has_is_taken()
{
    check(seal::isa_named("avx2", with_avx512()) == SEAL_ISA_AVX2, "a lesser set may be forced");
    check(seal::isa_named("portable", SealCpuFeatures{}) == SEAL_ISA_PORTABLE, "portable is everywhere");
}

static void refused(const char* name, SealStatus status, const std::string& text)
{
    try {
        seal::isa_named(name, with_avx2());
        check(false, std::string(name) + " is refused");
    } catch (const seal::Error& e) {
        check(e.status == status, std::string(name) + " has its status");
        check(e.what() == text, std::string(name) + " is explained, not: " + e.what());
    }
}

int main()
{
    the_best_is_chosen();
    one_missing_part_lowers_the_choice();
    a_name_that_the_processor_has_is_taken();
    refused("avx512", SEAL_UNAVAILABLE, "instruction set 'avx512' is not available: this machine has avx2, portable");
    refused("neon", SEAL_BAD_ARGUMENT, "instruction set 'neon' is not known: this machine has avx2, portable");
    refused("", SEAL_BAD_ARGUMENT, "instruction set '' is not known: this machine has avx2, portable");
    return seal::result();
}
