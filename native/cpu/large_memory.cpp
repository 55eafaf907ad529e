#include "large_memory.hpp"

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace seal {

namespace {

constexpr int64_t page = int64_t{1} << 21, chunk_bytes = 4 * page;

std::shared_ptr<uint8_t> chunk_of(int64_t bytes)
{
    auto* memory = static_cast<uint8_t*>(std::aligned_alloc(page, static_cast<size_t>(bytes)));
    if (memory == nullptr)
        throw std::bad_alloc();
#if defined(__linux__)
    madvise(memory, static_cast<size_t>(bytes), MADV_HUGEPAGE);  // refused: small pages do as well, only slower
#endif
    return {memory, [](uint8_t* given) { std::free(given); }};
}

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
    bytes = (bytes + 63) / 64 * 64;
    Open& from = open();
    const std::lock_guard lock(from.mutex);
    std::shared_ptr<uint8_t> chunk = from.chunk.lock();
    if (chunk == nullptr || bytes > chunk_bytes - from.used) {
        if (bytes > chunk_bytes / 2) {  // a chunk of its own
            chunk = chunk_of((bytes + page - 1) / page * page);
            return chunk;
        }
        chunk = chunk_of(chunk_bytes);
        from.chunk = chunk;
        from.used = 0;
    }
    uint8_t* piece = chunk.get() + from.used;
    from.used += bytes;
    return {chunk, piece};
}

}  // namespace seal
