// Tables on their way to the device: found again by their bytes, and never another's.
#include "check.hpp"
#include "plan_tables.hpp"

#include <numeric>
#include <random>
#include <vector>

namespace seal {

namespace {

using cuda::Global;
using cuda::PlanTables;

std::vector<int32_t> numbers(int32_t first, size_t count)
{
    std::vector<int32_t> values(count);
    std::iota(values.begin(), values.end(), first);
    return values;
}

bool holds(Global<const int32_t> table, const std::vector<int32_t>& values)
{
    std::vector<int32_t> read(values.size());
    cuda::copy_to_host(read.data(), table.data(), static_cast<int64_t>(read.size() * sizeof(int32_t)));
    return read == values;
}

void found_again()
{
    PlanTables tables;
    std::vector<int32_t> values = numbers(0, 100);
    const auto first = tables.of(values), again = tables.of(numbers(0, 100));
    check(first.data() == again.data() && tables.copies() == 1, "the same bytes from elsewhere are not copied again");
    values[50] = -1;
    const auto changed = tables.of(values);
    check(changed.data() != first.data() && holds(changed, values) && holds(first, numbers(0, 100)), "a changed table is another one");
    check(tables.of(numbers(0, 99)).data() != first.data(), "a part of a table is another one");
    check(!tables.of(numbers(0, 0)) && tables.copies() == 3, "no rows are no table");
}

// Whatever came before, what is handed out holds what was given, the last few calls' tables too.
void in_a_ring()
{
    PlanTables tables(16 * 1024);
    std::mt19937 random(1);
    struct Given {
        Global<const int32_t> table;
        std::vector<int32_t> values;
    };
    std::vector<Given> latest;
    for (int i = 0; i < 5000; i++) {
        // The first of them often again, so that old tables are asked for when the ring has long come round.
        const auto first = static_cast<int32_t>(random() % 3 == 0 ? random() % 8 : random() % 1000);
        std::vector<int32_t> values = numbers(first, 1 + random() % (i % 1000 == 999 ? 2000 : 250));
        const auto table = tables.of(values);
        latest.push_back({table, std::move(values)});
        if (latest.size() > 6)
            latest.erase(latest.begin());
        for (const Given& given : latest)
            check(holds(given.table, given.values), "table " + std::to_string(i));
    }
    check(tables.copies() < 5000, "some were there already");
}

// A table that is found where the ring goes on next must outlive the tables of the same call that are new.
void found_where_the_ring_goes_on()
{
    PlanTables tables(16 * 1024);
    const std::vector<int32_t> old = numbers(0, 200);
    tables.of(old);
    for (int32_t i = 1; i < 200; i++) {
        const auto found = tables.of(old);
        for (int32_t j = 0; j < 4; j++)
            tables.of(numbers(1000 * i + j, 200));
        check(holds(found, old), "round " + std::to_string(i));
    }
}

}  // namespace

}  // namespace seal

int main()
{
    seal::found_again();
    seal::in_a_ring();
    seal::found_where_the_ring_goes_on();
    return seal::result();
}
