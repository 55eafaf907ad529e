#include "kernels.hpp"

#include "isa.hpp"
#include "status.hpp"

namespace seal {

namespace portable {
extern const Kernels table;
}
#if defined(SEAL_X86_KERNELS)
namespace avx2 {
extern const Kernels table;
}
namespace avx512 {
extern const Kernels table;
}
namespace avx512_bf16 {
extern const Kernels table;
}
#endif

const Kernels& kernels_of(SealIsa isa)
{
    switch (isa) {
    case SEAL_ISA_PORTABLE:
        return portable::table;
#if defined(SEAL_X86_KERNELS)
    case SEAL_ISA_AVX2:
        return avx2::table;
    case SEAL_ISA_AVX512:
        return avx512::table;
    case SEAL_ISA_AVX512_BF16:
        return avx512_bf16::table;
#endif
    default:
        throw Error(SEAL_UNAVAILABLE, "no kernels were compiled for instruction set " + std::to_string(isa));
    }
}

}  // namespace seal
