// Failures on their way to the border: inside they are exceptions, outside a status and a text.
#pragma once

#include "seal.h"

#include <new>
#include <stdexcept>
#include <string>

namespace seal {

class Error : public std::runtime_error {
public:
    Error(SealStatus status, const std::string& message) : std::runtime_error(message), status(status) {}

    const SealStatus status;
};

// Keeps the text for seal_last_error and returns the status. Allocates nothing: memory may have run out.
SealStatus fail(SealStatus status, const char* message) noexcept;

// Runs the body of an exported function; whatever it throws becomes a status.
template <typename Body>
SealStatus guarded(Body&& body) noexcept
{
    try {
        body();
        return SEAL_OK;
    } catch (const Error& e) {
        return fail(e.status, e.what());
    } catch (const std::bad_alloc&) {
        return fail(SEAL_OUT_OF_MEMORY, "out of memory");
    } catch (const std::exception& e) {
        return fail(SEAL_INTERNAL, e.what());
    } catch (...) {
        return fail(SEAL_INTERNAL, "an exception of unknown type");
    }
}

// Refuses a null pointer by its parameter's name.
template <typename T>
T& required(T* pointer, const char* name)
{
    if (pointer == nullptr)
        throw Error(SEAL_BAD_ARGUMENT, std::string(name) + " is null");
    return *pointer;
}

inline void required_memory(const void* pointer, const char* name)
{
    if (pointer == nullptr)
        throw Error(SEAL_BAD_ARGUMENT, std::string(name) + " is null");
}

}  // namespace seal
