#include "pool.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace seal {

namespace {

// About 50 microseconds of pausing covers the gap between two operators; the yields hand the core over before the thread sleeps.
constexpr int spins = 2000;
constexpr int yields = 50;

void pause()
{
#if defined(__x86_64__)
    _mm_pause();
#endif
}

// Returns once the word is no longer `old`.
void await_change(const std::atomic<uint32_t>& word, uint32_t old)
{
    for (int i = 0; i < spins; i++) {
        if (word.load(std::memory_order_acquire) != old)
            return;
        pause();
    }
    for (int i = 0; i < yields; i++) {
        if (word.load(std::memory_order_acquire) != old)
            return;
        std::this_thread::yield();
    }
    word.wait(old, std::memory_order_acquire);
}

}  // namespace

Pool::Pool(int32_t threads) : threads_(threads)
{
    workers_.reserve(static_cast<size_t>(threads - 1));
    for (int32_t thread = 1; thread < threads; thread++)
        workers_.emplace_back([this, thread] { work(thread); });
}

Pool::~Pool()
{
    stop_.store(true, std::memory_order_relaxed);
    round_.fetch_add(1, std::memory_order_release);
    round_.notify_all();
    for (std::thread& worker : workers_)
        worker.join();
}

void Pool::run(int64_t tasks, Call call, void* context)
{
    if (threads_ == 1 || tasks <= 1) {
        for (int64_t task = 0; task < tasks; task++)
            call(context, task);
        return;
    }
    call_ = call;
    context_ = context;
    tasks_ = tasks;
    pending_.store(static_cast<uint32_t>(threads_ - 1), std::memory_order_relaxed);
    round_.fetch_add(1, std::memory_order_release);
    round_.notify_all();
    share(0);
    for (uint32_t left; (left = pending_.load(std::memory_order_acquire)) != 0;)
        await_change(pending_, left);
}

void Pool::share(int32_t thread) const
{
    const int64_t first = tasks_ * thread / threads_, last = tasks_ * (thread + 1) / threads_;
    for (int64_t task = first; task < last; task++)
        call_(context_, task);
}

void Pool::work(int32_t thread)
{
    for (uint32_t seen = 0;;) {
        await_change(round_, seen);
        seen++;  // the next round starts only when this one is done, so none is missed
        if (stop_.load(std::memory_order_relaxed))
            return;
        share(thread);
        if (pending_.fetch_sub(1, std::memory_order_acq_rel) == 1)
            pending_.notify_all();
    }
}

}  // namespace seal
