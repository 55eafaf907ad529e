// Stores past the caches, of what is read much later or by other threads (streamed_rows.hpp).
#pragma once

#include "kernels/tail.hpp"

namespace seal::SEAL_ISA_NAMESPACE {

// Where the address allows; other threads see it after streamed().
inline void stream_words(void* p, F32 x)
{
    const bool aligned = reinterpret_cast<uintptr_t>(p) % sizeof x.v == 0;
#if defined(__AVX512F__)
    if (aligned)
        return _mm512_stream_ps(static_cast<float*>(p), x.v);
#elif defined(__AVX2__)
    if (aligned)
        return _mm256_stream_ps(static_cast<float*>(p), x.v);
#endif
    static_cast<void>(aligned);
    __builtin_memcpy(p, &x.v, sizeof x.v);
}

// store_part past the caches where a whole register is left and the address allows. Whole lines must be written one part right behind the other.
inline void stream_part(float* p, F32 x, int64_t left)
{
    left >= F32::lanes ? stream_words(p, x) : store(p, x, left);
}

inline void stream_part(Bf16* p, F32 x, int64_t left)
{
#if defined(__AVX512F__)
    if (left >= F32::lanes && reinterpret_cast<uintptr_t>(p) % 32 == 0)
        return _mm256_stream_si256(reinterpret_cast<__m256i*>(p), narrow(x));
#endif
    store_part(p, x, left);
}

inline void streamed()
{
#if defined(__AVX2__)
    _mm_sfence();
#endif
}

}  // namespace seal::SEAL_ISA_NAMESPACE
