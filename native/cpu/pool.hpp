// The engine's threads. A caller hands out tasks and takes its own share; workers spin a moment for the next call, because an
// operator follows an operator within microseconds, then yield, then sleep: on a crowded machine a spinning thread steals the
// time of the one it waits for.
#pragma once

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

private:
    using Call = void (*)(void* context, int64_t task);

    void run(int64_t tasks, Call call, void* context);
    void share(int32_t thread) const;
    void work(int32_t thread);

    const int32_t threads_;
    std::vector<std::thread> workers_;
    Call call_ = nullptr;
    void* context_ = nullptr;
    int64_t tasks_ = 0;
    alignas(64) std::atomic<uint32_t> round_{0};    // raised once a call, and once to stop
    alignas(64) std::atomic<uint32_t> pending_{0};  // workers that have not finished this round
    std::atomic<bool> stop_{false};
};

}  // namespace seal
