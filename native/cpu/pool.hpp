// The engine's threads. A caller hands out tasks and takes its own share; workers spin a moment for the next call, because an
// operator follows an operator within microseconds, then yield, then sleep: on a crowded machine a spinning thread steals the
// time of the one it waits for.
#pragma once

#include "seal.h"

#include <atomic>
#include <cstdint>
#include <thread>
#include <type_traits>
#include <vector>

namespace seal {

class Pool {
public:
    // threads counts the caller: 1 has no workers.
    explicit Pool(int32_t threads);
    ~Pool();
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    int32_t threads() const { return threads_; }

    // From now on every thread notes its share of every call, as long as there is room; null: no longer. Not during a call.
    void trace(SealTraceSpan* spans, int64_t capacity)
    {
        spans_ = spans;
        capacity_ = capacity;
        noted_.store(0, std::memory_order_relaxed);
    }

    // Shares noted so far.
    int64_t traced() const { return noted_.load(std::memory_order_relaxed); }

    // Calls body(task) for every task of 0 .. tasks, task t by the thread that owns its share of the range: which thread computes
    // what never depends on timing. Returns when all are done. body must not throw and must not call the pool; one call at a time.
    template <typename Body>
    void parallel_for(int64_t tasks, Body&& body)
    {
        using Plain = std::remove_reference_t<Body>;
        run(tasks, [](void* context, int64_t task) { (*static_cast<Plain*>(context))(task); }, const_cast<std::remove_const_t<Plain>*>(&body));
    }

    // The same for ranges: body(first, last) over blocks of `grain` items, the last one shorter.
    template <typename Body>
    void parallel_blocks(int64_t items, int64_t grain, Body&& body)
    {
        parallel_for((items + grain - 1) / grain, [&](int64_t block) {
            const int64_t first = block * grain;
            body(first, items - first < grain ? items : first + grain);
        });
    }

    // Shares as equal as they can be, one a thread, in steps of 64 where items are many; fewer threads where a share would be below `least`, and the
    // caller alone, without waking anyone, where there is work for one. For work whose bits do not depend on how it is divided.
    template <typename Body>
    void parallel_shares(int64_t items, int64_t least, Body&& body)
    {
        const int64_t most = items / least, shares = most < 1 ? 1 : most < threads_ ? most : threads_;
        if (shares == 1) {
            body(int64_t{0}, items);
            return;
        }
        parallel_for(shares, [&](int64_t share) {
            const int64_t first = items * share / shares, last = items * (share + 1) / shares;
            body(share == 0 ? 0 : edge(first, items), share + 1 == shares ? items : edge(last, items));
        });
    }

private:
    using Call = void (*)(void* context, int64_t task);

    // A share's edge; few items are rows, which are divided one by one.
    static constexpr int64_t edge(int64_t at, int64_t items) { return items < 4096 ? at : at / 64 * 64; }

    void run(int64_t tasks, Call call, void* context);
    void share(int32_t thread);
    void work(int32_t thread);
    void keep_workers_off_this_processor();

    const int32_t threads_;
    std::vector<std::thread> workers_;
    // Not in the words' cache lines: a worker that spins on a line takes it away from the one who writes there.
    Call call_ = nullptr;
    void* context_ = nullptr;
    int64_t tasks_ = 0;
    alignas(64) std::atomic<uint32_t> round_{0};     // raised once a call, and once to stop
    alignas(64) std::atomic<uint32_t> finished_{0};  // raised by each worker once a call, never set back
    // Threads that sleep until a word changes: while there are none, no call to the system.
    alignas(64) std::atomic<int32_t> sleeping_workers_{0};
    std::atomic<int32_t> sleeping_caller_{0};
    std::atomic<bool> stop_{false};
    SealTraceSpan* spans_ = nullptr;
    int64_t capacity_ = 0;
    std::atomic<int64_t> noted_{0};
    // The caller's own, away from what workers read.
    alignas(64) uint32_t awaited_ = 0;  // what finished_ will be
    int left_alone_ = -1;               // the processor that workers are kept off
    int patience_;
};

}  // namespace seal
