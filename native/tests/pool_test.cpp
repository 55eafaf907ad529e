#include "check.hpp"
#include "pool.hpp"

#include <algorithm>
#include <memory>

#if defined(__linux__)
#include <sched.h>
#endif

using seal::check;

static void every_task_runs_once(int32_t threads, int64_t tasks)
{
    seal::Pool pool(threads);
    std::vector<int> runs(static_cast<size_t>(tasks));
    for (int round = 0; round < 50; round++)
        pool.parallel_for(tasks, [&](int64_t task) { runs[static_cast<size_t>(task)]++; });
    for (int count : runs)
        check(count == 50, std::to_string(threads) + " threads run each of " + std::to_string(tasks) + " tasks once a call");
}

static void a_task_belongs_to_one_thread()
{
    seal::Pool pool(3);
    std::vector<std::thread::id> first(7), second(7);
    pool.parallel_for(7, [&](int64_t task) { first[static_cast<size_t>(task)] = std::this_thread::get_id(); });
    pool.parallel_for(7, [&](int64_t task) { second[static_cast<size_t>(task)] = std::this_thread::get_id(); });
    check(first == second, "the same threads run the same tasks");
    check(first[0] == std::this_thread::get_id(), "the caller takes the first share");
}

static void blocks_cover_the_range()
{
    seal::Pool pool(2);
    std::vector<int> seen(1001);
    pool.parallel_blocks(1001, 64, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; i++)
            seen[static_cast<size_t>(i)]++;
    });
    check(seen == std::vector<int>(1001, 1), "every item is in one block");
    pool.parallel_blocks(0, 64, [](int64_t, int64_t) { check(false, "no items, no block"); });
}

static void shares_cover_the_range()
{
    seal::Pool pool(3);
    for (int64_t items : {1, 2, 3, 100, 4097, 10001})
        for (int64_t least : {1, 40, 5000}) {
            std::vector<int> seen(static_cast<size_t>(items));
            std::atomic<int> calls{0};
            pool.parallel_shares(items, least, [&](int64_t begin, int64_t end) {
                calls++;
                for (int64_t i = begin; i < end; i++)
                    seen[static_cast<size_t>(i)]++;
            });
            const std::string what = std::to_string(items) + " items in shares of at least " + std::to_string(least);
            check(std::count(seen.begin(), seen.end(), 1) == items, what + " are each taken once");
            check(calls == std::max<int64_t>(1, std::min<int64_t>(3, items / least)), what + " wake no one for less");
        }
}

#if defined(__linux__)

// Of the processors that the calling thread may run on.
static int allowed()
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 0;
}

static void workers_leave_the_callers_processor_to_it()
{
    const int mine = allowed();
    if (mine < 2)
        return;
    seal::Pool pool(2);
    for (int round = 0; round < 3; round++) {
        int theirs = 0;
        pool.parallel_for(2, [&](int64_t task) {
            if (task == 1)
                theirs = allowed();
        });
        check(theirs == mine - 1, "a worker runs on all processors but the caller's");
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    check(allowed() == mine, "the caller runs where it did");
}

#endif

// More threads than cores, and workers that have gone to sleep between calls.
static void many_pools_at_once_finish()
{
    std::vector<std::thread> callers;
    std::atomic<int64_t> total{0};
    for (int i = 0; i < 4; i++)
        callers.emplace_back([&total] {
            seal::Pool pool(4);
            for (int round = 0; round < 100; round++) {
                if (round % 25 == 0)
                    std::this_thread::sleep_for(std::chrono::milliseconds(2));
                pool.parallel_for(16, [&](int64_t task) { total.fetch_add(task, std::memory_order_relaxed); });
            }
        });
    for (std::thread& caller : callers)
        caller.join();
    check(total == 4 * 100 * 120, "all tasks of all pools ran");
}

int main()
{
    for (int32_t threads : {1, 2, 5})
        for (int64_t tasks : {0, 1, 2, 17, 1000})
            every_task_runs_once(threads, tasks);
    a_task_belongs_to_one_thread();
    blocks_cover_the_range();
    shares_cover_the_range();
#if defined(__linux__)
    workers_leave_the_callers_processor_to_it();
#endif
    many_pools_at_once_finish();
    return seal::result();
}
