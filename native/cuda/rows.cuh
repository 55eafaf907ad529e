// Copies of rows, four elements a thread and turn.
#pragma once

#include "numbers.cuh"

namespace seal::cuda {

// A row of `columns` elements from element x0 of x to element y0 of y, by all threads of the block; a null view gives zeros.
template <typename T>
__device__ __forceinline__ void copy_row(Global<const T> x, int64_t x0, Global<T> y, int64_t y0, int64_t columns, bool aligned)
{
    for (int64_t c = 4 * thread_number(); c < columns; c += 4 * block_threads) {
        const Four<float> values = x ? load_four(x.from(x0), c, columns, aligned) : Four<float>{};
        store_four(y.from(y0), c, columns, aligned, values);
    }
}

}  // namespace seal::cuda
