// Tasks of unequal length: each thread takes the next one when it is done, so long sequences beside short ones leave no one idle.
// Which thread computes a task depends on timing; what the task computes must not.
#pragma once

#include "pool.hpp"

namespace seal {

// body(task, thread): thread names scratch memory that no other task uses meanwhile.
template <typename Body>
void dynamic_tasks(Pool& pool, int64_t tasks, Body&& body)
{
    std::atomic<int64_t> next{0};
    pool.parallel_for(pool.threads(), [&](int64_t thread) {
        for (int64_t task; (task = next.fetch_add(1, std::memory_order_relaxed)) < tasks;)
            body(task, thread);
    });
}

}  // namespace seal
