// Sources: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, CPUID, and volume 1, chapters
// 13 (XCR0) and 18 (AMX); AMD64 Architecture Programmer's Manual, volume 3, appendix E (leaf 8000001D).
#include "cpu_features.hpp"

#include "status.hpp"

#include <cstring>
#include <thread>

#if defined(__x86_64__)
#include <cpuid.h>
#endif
#if defined(__x86_64__) && defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace seal {

namespace {

#if defined(__x86_64__)

struct Leaf {
    uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0;
};

// All zero where the processor does not know the leaf.
Leaf leaf(uint32_t number, uint32_t part = 0)
{
    Leaf r;
    __get_cpuid_count(number, part, &r.eax, &r.ebx, &r.ecx, &r.edx);
    return r;
}

int32_t bit(uint32_t word, int index)
{
    return static_cast<int32_t>((word >> index) & 1);
}

// The register states that the operating system saves for programs.
uint64_t saved_states()
{
    if (!bit(leaf(1).ecx, 27))  // OSXSAVE
        return 0;
    uint32_t low = 0, high = 0;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t{high} << 32) | low;
}

// Linux hands out the 8 KiB of tile registers on request only.
bool tiles_are_permitted()
{
#if defined(__linux__)
    constexpr long request_permission = 0x1023;  // ARCH_REQ_XCOMP_PERM
    constexpr long tile_data = 18;
    return syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
#else
    return false;
#endif
}

void find_instructions(SealCpuFeatures& f)
{
    const uint64_t states = saved_states();
    const auto saved = [states](uint64_t mask) { return (states & mask) == mask; };
    const bool ymm = saved(0x6), zmm = saved(0xe6), tiles = saved(0x60000);
    const Leaf basic = leaf(1), extended = leaf(7), second = leaf(7, 1);

    f.sse42 = bit(basic.ecx, 20);
    if (ymm) {
        f.fma = bit(basic.ecx, 12);
        f.f16c = bit(basic.ecx, 29);
        f.avx2 = bit(extended.ebx, 5);
    }
    if (zmm) {
        f.avx512f = bit(extended.ebx, 16);
        f.avx512dq = bit(extended.ebx, 17);
        f.avx512bw = bit(extended.ebx, 30);
        f.avx512vl = bit(extended.ebx, 31);
        f.avx512_vnni = bit(extended.ecx, 11);
        f.avx512_bf16 = bit(second.eax, 5);
    }
    if (tiles && bit(extended.edx, 22) && bit(extended.edx, 24) && tiles_are_permitted())  // AMX-BF16, AMX-TILE
        f.amx_bf16 = 1;
}

// Intel's leaf 4 and AMD's leaf 8000001D describe one cache a part, in the same words.
void find_caches(SealCpuFeatures& f)
{
    for (uint32_t number : {4u, 0x8000001du}) {
        if (f.l1d_bytes != 0)
            return;
        for (uint32_t part = 0; part < 16; part++) {
            const Leaf cache = leaf(number, part);
            const uint32_t type = cache.eax & 31, level = (cache.eax >> 5) & 7;
            if (type == 0)
                break;
            const int64_t ways = (cache.ebx >> 22) + 1, partitions = ((cache.ebx >> 12) & 0x3ff) + 1;
            const int64_t line = (cache.ebx & 0xfff) + 1, sets = int64_t{cache.ecx} + 1;
            const int64_t bytes = ways * partitions * line * sets;
            if (type == 1 && level == 1)
                f.l1d_bytes = bytes;
            else if (type == 3 && level == 2)
                f.l2_bytes = bytes;
            else if (type == 3 && level == 3)
                f.l3_bytes = bytes;
        }
    }
}

void find_brand(SealCpuFeatures& f)
{
    static_assert(sizeof(Leaf) == 16);
    char text[49] = "";
    for (uint32_t i = 0; i < 3; i++) {
        const Leaf part = leaf(0x80000002 + i);
        std::memcpy(text + 16 * i, &part, sizeof(part));
    }
    const char* start = text + std::strspn(text, " ");
    size_t length = std::strlen(start);
    while (length > 0 && start[length - 1] == ' ')
        length--;
    std::memcpy(f.brand, start, length);
}

#endif

SealCpuFeatures find()
{
    SealCpuFeatures f{};
    f.cores = static_cast<int32_t>(std::thread::hardware_concurrency());
    if (f.cores < 1)
        f.cores = 1;
#if defined(__x86_64__)
    find_instructions(f);
    find_caches(f);
    find_brand(f);
#endif
    return f;
}

}  // namespace

const SealCpuFeatures& cpu_features()
{
    static const SealCpuFeatures found = find();
    return found;
}

}  // namespace seal

int64_t seal_sizeof_cpu_features() noexcept
{
    return sizeof(SealCpuFeatures);
}

SealStatus seal_cpu_features(SealCpuFeatures* features) noexcept
{
    return seal::guarded([&] { seal::required(features, "features") = seal::cpu_features(); });
}
