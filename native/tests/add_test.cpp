#include "check.hpp"
#include "each_isa.hpp"

#include <vector>

using seal::check;

int main()
{
    seal::each_isa([](SealEngine* engine, const std::string& isa) {
        for (int64_t n : {1, 3, 4, 15, 16, 17, 33, 40000}) {
            std::vector<float> x(static_cast<size_t>(n) + 1, 2.0f), y(static_cast<size_t>(n) + 1, 0.5f);
            check(seal_add(engine, SEAL_F32, x.data(), y.data(), n) == SEAL_OK, isa + " adds");
            for (int64_t i = 0; i < n; i++)
                check(y[static_cast<size_t>(i)] == 2.5f, isa + " f32 sum");
            check(y.back() == 0.5f, isa + " writes nothing behind the last element");
            // 1 + 2^-8 lies between 1 and 1 + 2^-7: to even is 1.
            std::vector<uint16_t> one(static_cast<size_t>(n) + 1, 0x3f80), tiny(static_cast<size_t>(n) + 1, 0x3b80);
            check(seal_add(engine, SEAL_BF16, tiny.data(), one.data(), n) == SEAL_OK, isa + " adds bf16");
            for (uint16_t value : one)
                check(value == 0x3f80, isa + " rounds to even");
        }
        check(seal_add(engine, SEAL_F32, nullptr, nullptr, 0) == SEAL_OK, "nothing to add");
        check(seal_add(engine, SEAL_F32, nullptr, nullptr, 1) == SEAL_BAD_ARGUMENT, "null is refused");
        check(seal_add(engine, 7, nullptr, nullptr, 0) == SEAL_BAD_ARGUMENT, "an unknown type is refused");
        check(seal_add(engine, SEAL_F32, nullptr, nullptr, -1) == SEAL_BAD_ARGUMENT, "a negative count is refused");
        check(seal_add(engine, SEAL_F32, nullptr, nullptr, INT64_MAX) == SEAL_BAD_ARGUMENT, "a count that overflows is refused");
    });
    check(seal_add(nullptr, SEAL_F32, nullptr, nullptr, 0) == SEAL_BAD_ARGUMENT, "no engine");
    return seal::result();
}
