// Every table is whole.
#include "check.hpp"
#include "each_isa.hpp"

#include <cstring>

using seal::check;

int main()
{
    seal::each_isa([](SealEngine* engine, const std::string& isa) {
        constexpr size_t members = sizeof(seal::Kernels) / sizeof(void*);
        void* pointers[members];
        std::memcpy(pointers, &engine->kernels, sizeof(pointers));
        for (size_t i = 0; i < members; i++)
            check(pointers[i] != nullptr, isa + " has operation " + std::to_string(i));
    }, 1);
    return seal::result();
}
