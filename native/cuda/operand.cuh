// An operand of a product on its way from global memory to the tiles of the main loop's steps.
#pragma once

#include "accumulator.cuh"

namespace seal::cuda {

// Geometry of the tiles of one step of the main loop: 128 bytes deep.
template <typename T>
constexpr int32_t step_depth = 128 / sizeof(T);

template <typename T>
constexpr int32_t pitch_along = step_depth<T> + row_padding<T>;

template <typename T, int32_t Rows>
constexpr int32_t pitch_across = Rows + row_padding<T>;

template <typename T, int32_t Rows>
constexpr int32_t operand_elements = Rows * pitch_along<T> > step_depth<T> * pitch_across<T, Rows> ? Rows * pitch_along<T> : step_depth<T> * pitch_across<T, Rows>;

// One operand of a term on its way to the tiles of the steps. A tile's elements that are consecutive in memory lie along k or across it; a thread
// copies 16 bytes of every so many of these lines. A step only adds to what was worked out at the term's beginning.
template <typename T, int32_t Rows>
class Operand {
public:
    // From row i0 of the product on; zeros outside of rows first .. end and from k on.
    __device__ __forceinline__ void start(Global<const T> source, int64_t ld, bool across, bool wide, int32_t i0, int32_t first, int32_t end, int32_t k)
    {
        source_ = source;
        ld_ = ld;
        across_ = across;
        wide_ = wide;
        i0_ = i0;
        first_ = first;
        end_ = end;
        k_ = k;
        k0_ = 0;
        const int32_t units = (across ? Rows : step_depth<T>) / unit, in = thread_number() % units * unit;
        line_ = thread_number() / units + (across ? 0 : i0 - first);
        lines_ = across ? k : end - first;
        left_ = across ? end - i0 - in : k - in;
        at_ = (thread_number() / units + (across ? 0 : i0)) * ld + in + (across ? i0 : 0);
    }

    // The next step's tile.
    __device__ __forceinline__ void load(Shared<T> tile)
    {
        if (!wide_)
            across_ ? put<true>(tile) : put<false>(tile);
        else if (across_)
            copy<true>(tile);
        else
            copy<false>(tile);
        k0_ += step_depth<T>;
    }

private:
    static constexpr int32_t unit = 16 / sizeof(T);

    template <bool Across>
    __device__ __forceinline__ void copy(Shared<T> tile)
    {
        constexpr int32_t units = (Across ? Rows : step_depth<T>) / unit, pitch = Across ? pitch_across<T, Rows> : pitch_along<T>;
        constexpr int32_t lines = block_threads / units, turns = Rows * step_depth<T> / unit / block_threads;
        static_assert(block_threads % units == 0 && Rows * step_depth<T> / unit % block_threads == 0);
        const int32_t valid = left_ < 0 ? 0 : left_ < unit ? left_ : unit, to = thread_number() / units * pitch + thread_number() % units * unit;
#pragma unroll
        for (int32_t i = 0; i < turns; i++)
            copy_async(tile, to + i * lines * pitch, source_, at_ + i * lines * ld_, static_cast<uint32_t>(line_ + i * lines) < static_cast<uint32_t>(lines_) ? valid : 0);
        if constexpr (Across) {
            line_ += step_depth<T>;
            at_ += step_depth<T> * ld_;
        } else {
            left_ -= step_depth<T>;
            at_ += step_depth<T>;
        }
    }

    // Element by element, where rows do not start on 16 bytes.
    template <bool Across>
    __device__ __forceinline__ void put(Shared<T> tile) const
    {
        constexpr int32_t inner = Across ? Rows : step_depth<T>, pitch = Across ? pitch_across<T, Rows> : pitch_along<T>;
        for (int32_t c = thread_number(); c < Rows * step_depth<T>; c += block_threads) {
            const int32_t o = c / inner, in = c % inner, i = i0_ + (Across ? in : o), k = k0_ + (Across ? o : in);
            const bool holds = i >= first_ && i < end_ && k < k_;
            tile.put(o * pitch + in, holds ? source_.get(Across ? k * ld_ + i : i * ld_ + k) : T{});
        }
    }

    Global<const T> source_;
    int64_t ld_, at_;                // elements from line to line; of this thread's first copy
    int32_t line_, lines_, left_;    // of this thread's first copy: its line, of how many, and how many elements of it are left
    int32_t i0_, first_, end_, k0_, k_;
    bool across_, wide_;
};

}  // namespace seal::cuda
