#include "pool.hpp"

#include <chrono>

#include <algorithm>

#if defined(__x86_64__)
#include <immintrin.h>
#endif
#if defined(__linux__)
#include <pthread.h>
#include <sched.h>
#endif

namespace seal {

namespace {

// Pauses before a thread yields. Most of them, about 25 microseconds, cover the gap between two operators. Where the other thread is not
// running (it may wait for this very core) spinning only delays it: each wait that had to yield halves the patience of the next one,
// each that did not doubles it. The yields hand the core over before the thread sleeps.
constexpr int most_spins = 2000;
constexpr int least_spins = 100;
constexpr int yields = 100;

int64_t nanoseconds()
{
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void pause()
{
#if defined(__x86_64__)
    _mm_pause();
#endif
}

// Returns once the word is no longer `old`. Who sleeps is counted before the last look at the word, and who changes the word looks at
// the count afterwards: one of the two sees the other.
void await_change(const std::atomic<uint32_t>& word, uint32_t old, std::atomic<int32_t>& sleepers, int& patience)
{
    for (int i = 0; i < patience; i++) {
        if (word.load(std::memory_order_acquire) != old) {
            patience = std::min(2 * patience, most_spins);
            return;
        }
        pause();
    }
    patience = std::max(patience / 2, least_spins);
    for (int i = 0; i < yields; i++) {
        if (word.load(std::memory_order_acquire) != old)
            return;
        std::this_thread::yield();
    }
    sleepers.fetch_add(1, std::memory_order_seq_cst);
    word.wait(old, std::memory_order_seq_cst);
    sleepers.fetch_sub(1, std::memory_order_relaxed);
}

void raise(std::atomic<uint32_t>& word, const std::atomic<int32_t>& sleepers)
{
    word.fetch_add(1, std::memory_order_seq_cst);
    if (sleepers.load(std::memory_order_seq_cst) != 0)
        word.notify_all();
}

}  // namespace

Pool::Pool(int32_t threads) : threads_(threads), patience_(most_spins)
{
    workers_.reserve(static_cast<size_t>(threads - 1));
    for (int32_t thread = 1; thread < threads; thread++)
        workers_.emplace_back([this, thread] { work(thread); });
    keep_workers_off_this_processor();
}

Pool::~Pool()
{
    stop_.store(true, std::memory_order_relaxed);
    raise(round_, sleeping_workers_);
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
    awaited_ += static_cast<uint32_t>(threads_ - 1);
    if (sleeping_workers_.load(std::memory_order_relaxed) != 0)
        keep_workers_off_this_processor();
    raise(round_, sleeping_workers_);
    share(0);
    for (uint32_t seen; (seen = finished_.load(std::memory_order_acquire)) != awaited_;)
        await_change(finished_, seen, sleeping_caller_, patience_);
}

// A thread often starts where it is made or woken, behind the one who woke it and who now computes, until the system moves one of them a
// scheduler's tick later: milliseconds at half the speed after every pause. So workers may run on every processor of the caller's but this.
void Pool::keep_workers_off_this_processor()
{
#if defined(__linux__)
    const int here = sched_getcpu();
    if (here < 0 || here == left_alone_)
        return;
    left_alone_ = here;
    cpu_set_t others;
    if (sched_getaffinity(0, sizeof others, &others) != 0 || CPU_COUNT(&others) < threads_)
        return;
    CPU_CLR(here, &others);
    for (std::thread& worker : workers_)
        pthread_setaffinity_np(worker.native_handle(), sizeof others, &others);  // refused: it runs where it likes
#endif
}

void Pool::share(int32_t thread)
{
    const int64_t start = spans_ == nullptr ? 0 : nanoseconds();
    const int64_t first = tasks_ * thread / threads_, last = tasks_ * (thread + 1) / threads_;
    for (int64_t task = first; task < last; task++)
        call_(context_, task);
    if (spans_ == nullptr)
        return;
    if (const int64_t at = noted_.fetch_add(1, std::memory_order_relaxed); at < capacity_)
        spans_[at] = {start, nanoseconds(), thread, 0};
    else
        noted_.fetch_sub(1, std::memory_order_relaxed);
}

void Pool::work(int32_t thread)
{
    int patience = most_spins;
    for (uint32_t seen = 0;;) {
        await_change(round_, seen, sleeping_workers_, patience);
        seen++;  // the next round starts only when this one is done, so none is missed
        if (stop_.load(std::memory_order_relaxed))
            return;
        share(thread);
        raise(finished_, sleeping_caller_);
    }
}

}  // namespace seal
