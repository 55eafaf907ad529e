// Recorded steps: the same bits as without, few graphs, and an engine that goes on after what went wrong.
#include "check.hpp"
#include "engine.hpp"

#include <numeric>
#include <vector>

namespace seal {

namespace {

using namespace cuda;

// y[i] += table[i] for each i within n, a thread each. Blocks that run are counted.
struct AddTableKernel {
    Global<const float> table;
    Global<float> y;
    int64_t n;

    __device__ __forceinline__ void operator()() const
    {
        const int64_t i = static_cast<int64_t>(blockIdx.x) * block_threads + thread_number();
        if (thread_number() == 0)
            blocks++;
        if (i < n)
            y.put(i, y.get(i) + table.get(i));
    }

    static inline int64_t blocks = 0;
};

// Writes beyond its view.
struct WrongKernel {
    Global<float> y;

    __device__ __forceinline__ void operator()() const { y.put(1, 0.0f); }
};

std::string last_error()
{
    std::string text(static_cast<size_t>(seal_last_error(nullptr, 0)), ' ');
    seal_last_error(text.data(), static_cast<int64_t>(text.size()) + 1);
    return text;
}

bool refused(SealStatus status, SealStatus expected, const std::string& text)
{
    return status == expected && last_error().find(text) != std::string::npos;
}

std::vector<float> numbers(int64_t count, float first)
{
    std::vector<float> values(static_cast<size_t>(count));
    std::iota(values.begin(), values.end(), first);
    return values;
}

std::vector<float> read(Global<float> view)
{
    std::vector<float> values(static_cast<size_t>(view.count()));
    copy_to_host(values.data(), view.data(), view.count() * 4);
    return values;
}

// y of `rows` numbers, 0.
class Sums {
public:
    explicit Sums(int64_t rows) : memory_(4 * rows) { clear_memory(memory_.data(), memory_.bytes()); }

    Global<float> view() const { return out<float>(memory_.data(), memory_.bytes() / 4); }

    // y += table, taken down or done.
    void add(SealEngine& e, const std::vector<float>& table) const
    {
        const auto n = static_cast<int64_t>(table.size());
        e.launch("add table", {divided_up(n, block_threads), 1, 1}, 0, AddTableKernel{e.tables.of(table.data(), n), view(), n});
    }

private:
    DeviceMemory memory_;
};

bool counted(SealEngine& e, SealStepCounts expected)
{
    SealStepCounts c{};
    seal_engine_steps(&e, &c);
    if (c.graphs == expected.graphs && c.updates == expected.updates && c.replays == expected.replays && c.copies == expected.copies)
        return true;
    std::fprintf(stderr, "%d graphs, %d updates, %d replays, %d copies\n", static_cast<int>(c.graphs), static_cast<int>(c.updates), static_cast<int>(c.replays),
        static_cast<int>(c.copies));
    return false;
}

void buckets()
{
    const std::vector<int64_t> ladder{1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96};
    for (int64_t n = 1; n <= 96; n++)
        check(bucket_of(n) == *std::lower_bound(ladder.begin(), ladder.end(), n), "the bucket of " + std::to_string(n));
    check(bucket_of(Grid{1000000, 65535, 40000}) == Grid{1048576, 65535, 49152}, "no grid is larger than CUDA's");
}

// 257 to 384 rows: three blocks.
void one_graph_a_bucket()
{
    SealEngine e;
    const Sums sums(384);
    std::vector<float> expected(384);
    AddTableKernel::blocks = 0;
    for (int64_t rows : {300, 257, 384, 370, 290, 384}) {
        const auto table = numbers(rows, 1);
        e.steps.begin(rows);
        sums.add(e, table);
        sums.add(e, table);
        const int64_t before = AddTableKernel::blocks;
        e.end_step();
        check(before % 6 == 0 && AddTableKernel::blocks == before + 6, "launches of three blocks each run at the end");
        for (size_t i = 0; i < table.size(); i++)
            expected[i] += 2 * table[i];
        check(read(sums.view()) == expected, "a step of " + std::to_string(rows) + " rows");
    }
    check(counted(e, {1, 0, 5, 6}), "six steps of one bucket are one graph");
    check(e.launches == 12, "recorded launches are counted");
}

void dead_blocks()
{
    SealEngine e;
    const Sums sums(1100);
    std::vector<float> expected(1100);
    AddTableKernel::blocks = 0;
    // 9, 5 and 7 blocks with one bucket of rows said: the graph's grid is 12 from the first step on.
    for (int64_t rows : {1100, 600, 800}) {
        const auto table = numbers(rows, 3);
        e.steps.begin(10);
        sums.add(e, table);
        e.end_step();
        for (size_t i = 0; i < table.size(); i++)
            expected[i] += table[i];
    }
    check(read(sums.view()) == expected, "blocks beyond a step's grid do nothing");
    check(AddTableKernel::blocks == 9 + 5 + 7, "and are not run");
    check(counted(e, {1, 0, 2, 3}), "a smaller step has its graph already");
}

void larger_grids()
{
    SealEngine e;
    const Sums sums(1100);
    for (int64_t rows : {600, 1100, 600}) {
        e.steps.begin(10);
        sums.add(e, numbers(rows, 3));
        e.end_step();
    }
    check(counted(e, {1, 1, 2, 3}), "a larger step enlarges the graph's grid, once");
    check(read(sums.view())[1099] == 1102 && read(sums.view())[0] == 9, "the larger step is whole");
    e.steps.begin(20);
    sums.add(e, numbers(600, 3));
    e.end_step();
    check(counted(e, {2, 1, 2, 4}), "another bucket has another graph");
    e.steps.begin(20);
    sums.add(e, numbers(600, 3));
    sums.add(e, numbers(600, 3));
    e.end_step();
    check(counted(e, {3, 1, 2, 5}), "other kernels have another graph");
}

// A grid that is long in one direction in one step and in another in the next does not become their product.
void grids_of_other_shapes()
{
    StepGraphs graphs;
    StepTables tables(1 << 16, 1 << 16);
    emulation::machine.counts = {};
    for (Grid grid : {Grid{512, 1, 1}, Grid{1, 1, 512}, Grid{1, 1, 512}, Grid{512, 1, 1}}) {
        tables.begin();
        const void* arguments = tables.arguments(grid, AddTableKernel{});
        tables.send();
        graphs.run(1, {recorded_launch<AddTableKernel>("add table", grid, 0, arguments)});
    }
    check(emulation::machine.counts.blocks == 4 * 512, "512 blocks each: " + std::to_string(emulation::machine.counts.blocks));
}

void plan_tables_once()
{
    StepTables tables(1 << 16, 1 << 16);
    tables.begin();
    const auto values = numbers(100, 0);
    const auto first = tables.of(values.data(), 100), again = tables.of(numbers(100, 0).data(), 100), other = tables.of(numbers(100, 1).data(), 100);
    check(first.data() == again.data() && other.data() != first.data(), "a table that the step has is found by its bytes");
    check(!tables.of(values.data(), 0), "no rows are no table");
    check(tables.send() == 1 && read({const_cast<float*>(other.data()), 100}) == numbers(100, 1), "one copy takes them all");
}

// Steps that need more room than there is get it, and have graphs from the next one on.
void outgrown_tables()
{
    StepRecorder recorder(1024, 512);
    const DeviceMemory memory(4 * 300);
    const auto y = out<float>(memory.data(), 300);
    std::vector<float> expected(300);
    clear_memory(memory.data(), memory.bytes());
    for (int step = 0; step < 3; step++) {
        recorder.begin(300);
        for (int i = 0; i < 9; i++) {
            const auto table = numbers(300, static_cast<float>(i));
            recorder.record("add table", {3, 1, 1}, 0, AddTableKernel{recorder.tables().of(table), y, 300});
            for (size_t j = 0; j < 300; j++)
                expected[j] += table[j];
        }
        check(recorder.end() == 9 && read(y) == expected, "step " + std::to_string(step));
    }
    const SealStepCounts& c = recorder.counts();
    check(c.graphs == 1 && c.replays == 1 && c.copies > 3, "a graph from the second step on");
}

// A step of more launches than a part has: one graph and one copy a part, and what is over begins anew with the first.
void parts()
{
    SealEngine e;
    const Sums sums(300);
    constexpr int launches = 2 * StepRecorder::part_launches + 5;
    std::vector<float> expected(300);
    for (int step = 0; step < 3; step++) {
        e.steps.begin(300);
        for (int i = 0; i < launches; i++) {
            sums.add(e, numbers(300, static_cast<float>(step)));
            for (size_t j = 0; j < 300; j++)
                expected[j] += static_cast<float>(step) + static_cast<float>(j);
        }
        e.end_step();
        check(read(sums.view()) == expected, "step " + std::to_string(step) + " of three parts");
    }
    check(counted(e, {3, 0, 6, 9}), "a graph and a copy a part");
    check(e.launches == 3 * launches, "all launches are counted");
    // What went is done; what has not gone is forgotten.
    e.steps.begin(300);
    for (int i = 0; i < static_cast<int>(StepRecorder::part_launches) + 1; i++)
        sums.add(e, numbers(300, 1));
    seal_step_abandon(&e);
    for (size_t j = 0; j < 300; j++)
        for (size_t i = 0; i < StepRecorder::part_launches; i++)
            expected[j] += 1 + static_cast<float>(j);
    check(read(sums.view()) == expected && !e.steps.recording(), "an abandoned step of two parts");
}

void memory_in_a_step()
{
    SealEngine e;
    void* memory = nullptr;
    check(seal_memory_allocate(&e, 400, &memory) == SEAL_OK, "memory");
    const auto y = out<float>(memory, 100);
    std::vector<float> host = numbers(100, 0);
    seal_memory_write(&e, memory, host.data(), 400);
    seal_step_begin(&e, 100);
    // In the order of the calls: what was there is copied before it is overwritten.
    void* copy = nullptr;
    seal_memory_allocate(&e, 400, &copy);
    seal_memory_clear(&e, copy, 400);
    seal_add(&e, SEAL_F32, memory, copy, 100);
    host[7] = -1;
    seal_memory_write(&e, memory, host.data(), 399);
    host[7] = -2;
    check(read(y) == numbers(100, 0), "nothing is written before the end");
    check(refused(seal_memory_read(&e, memory, host.data(), 400), SEAL_BAD_ARGUMENT, "seal_memory_read waits for what the recorded"), "reading is refused");
    int32_t token = 0;
    check(refused(seal_greedy(&e, y.data(), 1, 100, &token), SEAL_BAD_ARGUMENT, "seal_greedy"), "so is drawing");
    check(refused(seal_engine_synchronize(&e), SEAL_BAD_ARGUMENT, "seal_engine_synchronize"), "and waiting");
    check(seal_step_end(&e) == SEAL_OK, "the end");
    check(read(out<float>(copy, 100)) == numbers(100, 0), "the step's copy");
    check(read(y)[7] == -1 && read(y)[8] == 8, "what was written as it was then");
    seal_memory_free(copy);
    seal_memory_free(memory);
}

// What a step's launches name stays until they ran.
void freed_in_a_step()
{
    SealEngine e;
    const Sums sums(100);
    void* memory = nullptr;
    seal_memory_allocate(&e, 400, &memory);
    seal_memory_write(&e, memory, numbers(100, 5).data(), 400);
    seal_step_begin(&e, 100);
    seal_add(&e, SEAL_F32, memory, sums.view().data(), 100);
    seal_memory_free(memory);
    void* other = nullptr;
    seal_memory_allocate(&e, 400, &other);
    check(other != memory, "freed memory is not given away in the step");
    check(seal_step_end(&e) == SEAL_OK && read(sums.view()) == numbers(100, 5), "and still holds what it held");
    void* after = nullptr;
    seal_memory_allocate(&e, 400, &after);
    check(after == memory, "it goes back at the end");
    seal_memory_free(other);
    seal_memory_free(after);
}

void abandoned()
{
    SealEngine e;
    const Sums sums(100);
    check(seal_step_begin(&e, 100) == SEAL_OK, "a step begins");
    sums.add(e, numbers(100, 1));
    check(seal_step_abandon(&e) == SEAL_OK && seal_step_abandon(&e) == SEAL_OK, "a step is abandoned, or none");
    check(read(sums.view()) == std::vector<float>(100) && e.launches == 0, "nothing of it is done");
    sums.add(e, numbers(100, 1));
    check(read(sums.view()) == numbers(100, 1), "the engine goes on");
    seal_step_begin(&e, 100);
    sums.add(e, numbers(100, 1));
    check(seal_step_end(&e) == SEAL_OK && read(sums.view())[1] == 4, "with steps too");
    SealEngine* gone = nullptr;
    seal_engine_create(1, nullptr, &gone);
    seal_step_begin(gone, 1);
    seal_engine_destroy(gone);
    void* memory = nullptr;
    seal_memory_allocate(&e, 1, &memory);
    seal_memory_free(memory);
    void* again = nullptr;
    seal_memory_allocate(&e, 1, &again);
    check(again == memory, "an engine that goes takes its step along");
    seal_memory_free(again);
}

void refusals()
{
    SealEngine e;
    check(refused(seal_step_end(&e), SEAL_BAD_ARGUMENT, "seal_step_begin comes before seal_step_end"), "an end without a begin");
    check(refused(seal_step_begin(&e, 0), SEAL_BAD_ARGUMENT, "rows is 0"), "a step without rows");
    check(refused(seal_step_begin(nullptr, 1), SEAL_BAD_ARGUMENT, "engine is null"), "no engine");
    check(refused(seal_engine_steps(&e, nullptr), SEAL_BAD_ARGUMENT, "counts is null"), "no room for counts");
    check(seal_sizeof_step_counts() == sizeof(SealStepCounts), "the size of counts");
    seal_step_begin(&e, 7);
    check(refused(seal_step_begin(&e, 1), SEAL_BAD_ARGUMENT, "a step of 7 rows is being recorded"), "a step in a step");
    check(seal_step_end(&e) == SEAL_OK && counted(e, {0, 0, 0, 0}), "a step of nothing needs no graph");

    const Sums sums(100);
    seal_step_begin(&e, 1);
    sums.add(e, numbers(100, 1));
    e.launch("wrong", {1, 1, 1}, 0, WrongKernel{out<float>(sums.view().data(), 1)});
    check(refused(seal_step_end(&e), SEAL_INTERNAL, "wrong, block (0, 0, 0), thread 0: out of bounds"), "a kernel that fails");
    check(refused(seal_step_end(&e), SEAL_BAD_ARGUMENT, "no step"), "the step is over all the same");
    sums.add(e, numbers(100, 1));
    check(read(sums.view())[0] == 2, "the engine goes on after a failure");

    seal_step_begin(&e, 1);
    bool thrown = false;
    try {
        e.launch("wide", {1, 65536, 1}, 0, AddTableKernel{});
    } catch (const Error& error) {
        thrown = std::string(error.what()).find("wide: a grid of 1 x 65536 x 1 blocks") != std::string::npos;
    }
    check(thrown, "a grid that CUDA has not");
    seal_step_abandon(&e);
}

}  // namespace

}  // namespace seal

int main()
{
    seal::buckets();
    seal::one_graph_a_bucket();
    seal::dead_blocks();
    seal::larger_grids();
    seal::grids_of_other_shapes();
    seal::plan_tables_once();
    seal::outgrown_tables();
    seal::parts();
    seal::memory_in_a_step();
    seal::freed_in_a_step();
    seal::abandoned();
    seal::refusals();
    return seal::result();
}
