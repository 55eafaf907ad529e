// Rows handed to other threads: written to memory past the caches. A line that another thread has read, and may read again, has to be taken back from its
// cache before it is written there, and comes back from this thread's when it is read: some 20 ns each where the two have different last-level caches. A line
// written past them costs neither; read from memory with its neighbours it takes 2 to 4 ns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace seal {

// `rows` times `bytes`, from rows one behind the other to rows of `stride` bytes.
inline void copy_rows(const std::byte* from, int64_t bytes, int64_t rows, std::byte* to, int64_t stride)
{
    for (int64_t row = 0; row < rows; row++, from += bytes, to += stride)
        std::memcpy(to, from, static_cast<size_t>(bytes));
}

// The same past the caches, where the target's rows are whole lines; others see them after streamed().
inline void stream_rows(const std::byte* from, int64_t bytes, int64_t rows, std::byte* to, int64_t stride)
{
#if defined(__SSE2__)
    if (reinterpret_cast<uintptr_t>(to) % 64 == 0 && stride % 64 == 0 && bytes % 64 == 0) {
        for (int64_t row = 0; row < rows; row++, from += bytes, to += stride)
            for (int64_t i = 0; i < bytes; i += 16)
                _mm_stream_si128(reinterpret_cast<__m128i*>(to + i), _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i)));
        return;
    }
#endif
    copy_rows(from, bytes, rows, to, stride);
}

// What this thread streamed is in memory before what it writes from now on.
inline void streamed()
{
#if defined(__SSE2__)
    _mm_sfence();
#endif
}

}  // namespace seal
