// The engine's memory over the border, which for the processor is the host's.
#include "check.hpp"
#include "seal.h"

#include <cstdint>
#include <vector>

using seal::check;

int main()
{
    SealEngine* engine = nullptr;
    check(seal_engine_create(1, nullptr, &engine) == SEAL_OK, "an engine");
    void* memory = nullptr;
    check(seal_memory_allocate(engine, 100, &memory) == SEAL_OK && memory != nullptr && reinterpret_cast<uintptr_t>(memory) % 64 == 0, "aligned memory");
    std::vector<int32_t> values(25, 7), back(25);
    check(seal_memory_write(engine, memory, values.data(), 100) == SEAL_OK, "written");
    check(seal_memory_clear(engine, memory, 4) == SEAL_OK, "cleared");
    check(seal_memory_read(engine, memory, back.data(), 100) == SEAL_OK && back[0] == 0 && back[1] == 7 && back[24] == 7, "read");
    check(seal_memory_write(engine, nullptr, values.data(), 4) == SEAL_BAD_ARGUMENT, "null is refused");
    check(seal_memory_read(engine, memory, back.data(), -1) == SEAL_BAD_ARGUMENT, "fewer bytes than none are refused");
    check(seal_memory_clear(engine, nullptr, 0) == SEAL_OK, "no bytes need no memory");
    void* refused = memory;
    check(seal_memory_allocate(engine, 0, &refused) == SEAL_BAD_ARGUMENT && refused == nullptr, "no bytes are no memory");
    check(seal_memory_allocate(engine, INT64_MAX / 2, &refused) == SEAL_OUT_OF_MEMORY && refused == nullptr, "more than there is");
    seal_memory_free(memory);
    seal_memory_free(nullptr);
    int64_t launches = -1;
    check(seal_engine_launches(engine, &launches) == SEAL_OK && launches == 0, "the processor launches nothing");
    check(seal_engine_synchronize(engine) == SEAL_OK, "nothing to wait for");
    seal_engine_destroy(engine);
    return seal::result();
}
