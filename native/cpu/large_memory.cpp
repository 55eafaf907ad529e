#include "large_memory.hpp"

#include <cstdlib>
#include <mutex>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace seal {

namespace {

constexpr int64_t page = int64_t{1} << 21, chunk_bytes = 16 * page;

// The chunk that pieces are cut from, and how much of it is given away.
struct Open {
    std::mutex mutex;
    std::weak_ptr<uint8_t> chunk;
    int64_t used = 0;
};

Open& open()
{
    static Open open;
    return open;
}

}  // namespace

std::shared_ptr<uint8_t> large_memory(int64_t bytes)
{
    const int64_t unit = bytes < page ? 4096 : page, whole = (bytes + unit - 1) / unit * unit;
    auto* memory = static_cast<uint8_t*>(std::aligned_alloc(static_cast<size_t>(unit), static_cast<size_t>(whole)));
    if (memory == nullptr)
        throw std::bad_alloc();
#if defined(__linux__)
    if (unit == page)
        madvise(memory, static_cast<size_t>(whole), MADV_HUGEPAGE);  // refused: small pages do as well, only slower
#endif
    return {memory, [](uint8_t* given) { std::free(given); }};
}

std::shared_ptr<uint8_t> piece_of_large_memory(int64_t bytes)
{
    bytes = (bytes + 63) / 64 * 64;
    if (bytes > chunk_bytes / 2)
        return large_memory(bytes);
    Open& from = open();
    const std::lock_guard lock(from.mutex);
    std::shared_ptr<uint8_t> chunk = from.chunk.lock();
    if (chunk == nullptr || bytes > chunk_bytes - from.used) {
        chunk = large_memory(chunk_bytes);
        from.chunk = chunk;
        from.used = 0;
    }
    uint8_t* piece = chunk.get() + from.used;
    from.used += bytes;
    return {chunk, piece};
}

}  // namespace seal
