#include "status.hpp"

#include <algorithm>
#include <cstring>

namespace seal {

namespace {

thread_local char last_error[1024] = "";

}  // namespace

SealStatus fail(SealStatus status, const char* message) noexcept
{
    const size_t length = std::min(std::strlen(message), sizeof(last_error) - 1);
    std::memcpy(last_error, message, length);
    last_error[length] = 0;
    return status;
}

}  // namespace seal

int64_t seal_last_error(char* buffer, int64_t capacity) noexcept
{
    const size_t length = std::strlen(seal::last_error);
    if (buffer != nullptr && capacity > 0) {
        const size_t copied = std::min(length, static_cast<size_t>(capacity) - 1);
        std::memcpy(buffer, seal::last_error, copied);
        buffer[copied] = 0;
    }
    return static_cast<int64_t>(length);
}
