// An operand of a product on its way from global memory to the tiles of one warp.
#pragma once

#include "warp_tile.cuh"

namespace seal::cuda {

// A step of the main loop is 128 bytes of k deep.
template <typename T>
constexpr int32_t step_depth = 128 / sizeof(T);

// A tile of one step without padding: the 16 bytes at a time that it is read and written in are exchanged within a line, so that eight that are read together (along k, of
// eight lines; across k, of eight k) lie in different banks. That is a third more steps in the shared memory of a block than padded lines leave room for.
template <typename T, int32_t Rows>
struct Swizzled {
    // Element k of row i, where lines are rows.
    __device__ __forceinline__ static int32_t along(int32_t i, int32_t k) { return i * step_depth<T> + (k ^ i % 8 * line_unit<T>); }

    // The same where lines are k: of 2, 4 or 8 units, so that every fourth, second or single line begins at the same bank.
    __device__ __forceinline__ static int32_t across(int32_t i, int32_t k) { return k * Rows + (i ^ k % 8 / (8 / units) * line_unit<T>); }

private:
    static constexpr int32_t units = Rows / line_unit<T>;
    static_assert(units == 2 || units == 4 || units == 8);
};

template <typename T, int32_t Rows>
constexpr int32_t operand_elements = Rows * step_depth<T>;

// One operand of a term on its way to the tiles of every `parts`-th step, from step `part` on. A tile's elements that are consecutive in memory lie along k or across it; a lane
// copies 16 bytes of every so many of these lines. A step only adds to what was worked out at the term's beginning.
template <typename T, int32_t Rows>
class Operand {
public:
    // From row i0 of the product on; zeros outside of rows first .. end and from k on.
    __device__ __forceinline__ void start(
        Global<const T> source, int64_t ld, bool across, bool wide, int32_t i0, int32_t first, int32_t end, int32_t k, int32_t part, int32_t parts)
    {
        source_ = source;
        ld_ = ld;
        across_ = across;
        wide_ = wide;
        inside_ = first <= i0 && i0 + Rows <= end;
        i0_ = i0;
        first_ = first;
        end_ = end;
        k_ = k;
        k0_ = part * step_depth<T>;
        stride_ = parts * step_depth<T>;
        const int32_t units = across ? units_across : units_along, line = lane_number() / units, in = lane_number() % units * line_unit<T>;
        turn_ = static_cast<int32_t>(ld) * (32 / units);
        at_ = across ? (k0_ + line) * ld + i0 + in : (i0 + line) * ld + k0_ + in;
    }

    // The tile of the next of these steps.
    __device__ __forceinline__ void load(Shared<T> tile)
    {
        if (!wide_)
            across_ ? put<true>(tile) : put<false>(tile);
        else if (inside_ && k0_ + step_depth<T> <= k_)
            across_ ? copy<true, true>(tile) : copy<false, true>(tile);
        else
            across_ ? copy<true, false>(tile) : copy<false, false>(tile);
        k0_ += stride_;
        at_ += across_ ? stride_ * ld_ : stride_;
    }

private:
    using Layout = Swizzled<T, Rows>;
    static constexpr int32_t units_along = step_depth<T> / line_unit<T>, units_across = Rows / line_unit<T>;

    template <bool Across, bool Whole>
    __device__ __forceinline__ void copy(Shared<T> tile) const
    {
        constexpr int32_t units = Across ? units_across : units_along, lines = 32 / units, turns = (Across ? step_depth<T> : Rows) / lines;
        const int32_t line = lane_number() / units, in = lane_number() % units * line_unit<T>;
#pragma unroll
        for (int32_t i = 0; i < turns; i++) {
            const int32_t own = line + i * lines, to = Across ? Layout::across(in, own) : Layout::along(own, in);
            int32_t valid = line_unit<T>;
            if constexpr (!Whole) {
                const int32_t row = i0_ + (Across ? in : own), k = k0_ + (Across ? own : in), left = Across ? end_ - row : k_ - k;
                valid = row < first_ || row >= end_ || k >= k_ ? 0 : left < line_unit<T> ? left : line_unit<T>;
            }
            copy_async(tile, to, source_, at_ + i * static_cast<int64_t>(turn_), valid);
        }
    }

    // Element by element, where rows do not start on 16 bytes.
    template <bool Across>
    __device__ __forceinline__ void put(Shared<T> tile) const
    {
        constexpr int32_t inner = Across ? Rows : step_depth<T>;
        for (int32_t c = lane_number(); c < operand_elements<T, Rows>; c += 32) {
            const int32_t o = c / inner, in = c % inner, i = i0_ + (Across ? in : o), k = k0_ + (Across ? o : in);
            const bool holds = i >= first_ && i < end_ && k < k_;
            tile.put(Across ? Layout::across(in, o) : Layout::along(o, in), holds ? source_.get(Across ? k * ld_ + i : i * ld_ + k) : T{});
        }
    }

    Global<const T> source_;
    int64_t ld_, at_;  // elements from line to line; of this lane's first copy
    int32_t turn_;     // elements from a copy of this lane to its next
    int32_t i0_, first_, end_, k0_, k_, stride_;
    bool across_, wide_, inside_;
};

}  // namespace seal::cuda
