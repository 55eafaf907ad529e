// Barriers, shuffles and votes in CUDA's words. Shuffles and votes bring lanes together but order no memory, as CUDA says.
#pragma once

#include "views.hpp"

using seal::emulation::Place;

inline void __syncthreads(Place at = Place::current())
{
    seal::emulation::machine.barrier(at);
}

namespace seal::emulation {

template <typename T>
struct Shuffle {
    T value;
    int32_t from;
    T result;
};

// Every lane takes the value of the lane that it names. A lane outside the mask has nothing to give.
template <typename T>
T shuffle(uint32_t mask, T value, int32_t from, Place at)
{
    static const char operation = 0;
    if (from < 0 || from >= warp_lanes || (mask >> from & 1) == 0)
        machine.fault("a shuffle reads lane " + std::to_string(from) + ", which is not in its mask", at);
    Shuffle<T> own{value, from, {}};
    machine.collective(mask, &operation, &own, at, [](void* const* lanes, uint32_t among) {
        for (int32_t i = 0; i < warp_lanes; i++)
            if ((among >> i & 1) != 0) {
                auto& lane = *static_cast<Shuffle<T>*>(lanes[i]);
                lane.result = static_cast<Shuffle<T>*>(lanes[lane.from])->value;
            }
    });
    return own.result;
}

struct Vote {
    bool holds;
    uint32_t result;
};

inline uint32_t ballot(uint32_t mask, bool holds, Place at)
{
    static const char operation = 0;
    Vote own{holds, 0};
    machine.collective(mask, &operation, &own, at, [](void* const* lanes, uint32_t among) {
        uint32_t result = 0;
        for (int32_t i = 0; i < warp_lanes; i++)
            if ((among >> i & 1) != 0 && static_cast<Vote*>(lanes[i])->holds)
                result |= 1u << i;
        for (int32_t i = 0; i < warp_lanes; i++)
            if ((among >> i & 1) != 0)
                static_cast<Vote*>(lanes[i])->result = result;
    });
    return own.result;
}

// Whole warps only: that is what the race check's warp epochs can tell.
inline void warp_barrier(uint32_t mask, Place at)
{
    static const char operation = 0;
    if (mask != 0xffffffffu)
        machine.fault("__syncwarp of a part of a warp is not emulated", at);
    machine.collective(mask, &operation, nullptr, at, [](void* const*, uint32_t) { machine.warp().epoch++; });
}

}  // namespace seal::emulation

template <typename T>
T __shfl_sync(uint32_t mask, T value, int32_t from, Place at = Place::current())
{
    return seal::emulation::shuffle(mask, value, from & 31, at);
}

template <typename T>
T __shfl_xor_sync(uint32_t mask, T value, int32_t lanes, Place at = Place::current())
{
    return seal::emulation::shuffle(mask, value, seal::emulation::machine.thread().lane() ^ lanes, at);
}

// Lanes whose source would be beyond the warp keep their value.
template <typename T>
T __shfl_down_sync(uint32_t mask, T value, int32_t lanes, Place at = Place::current())
{
    const int32_t self = seal::emulation::machine.thread().lane(), from = self + lanes;
    return seal::emulation::shuffle(mask, value, from < seal::emulation::warp_lanes ? from : self, at);
}

inline uint32_t __ballot_sync(uint32_t mask, bool holds, Place at = Place::current())
{
    return seal::emulation::ballot(mask, holds, at);
}

inline bool __any_sync(uint32_t mask, bool holds, Place at = Place::current())
{
    return seal::emulation::ballot(mask, holds, at) != 0;
}

inline bool __all_sync(uint32_t mask, bool holds, Place at = Place::current())
{
    return seal::emulation::ballot(mask, holds, at) == mask;
}

inline int32_t __popc(uint32_t x) { return __builtin_popcount(x); }
inline int32_t __ffs(int32_t x) { return __builtin_ffs(x); }

inline void __syncwarp(uint32_t mask = 0xffffffffu, Place at = Place::current())
{
    seal::emulation::warp_barrier(mask, at);
}

namespace seal::cuda {

// element i += value, indivisibly; what stood there before.
template <typename T>
T atomic_add(Global<T> view, int64_t i, T value, Place at = Place::current())
{
    view.check(i, 1, "changes", at);
    if (emulation::machine.watches_memory)
        emulation::machine.global().atomic(view.data() + i, at);
    const T before = *view.stored(i);
    *view.stored(i) = before + value;
    return before;
}

}  // namespace seal::cuda
