// Typed views of global and shared memory that check every access. On a device they are plain pointers (device/views.cuh).
#pragma once

#include "device_space.hpp"
#include "global_space.hpp"
#include "shared_space.hpp"

#include <bit>
#include <cstring>
#include <type_traits>

namespace seal::cuda {

using emulation::Place;

// Four consecutive elements: 16 bytes of f32, 8 of bf16.
template <typename T>
struct alignas(4 * sizeof(T)) Four {
    T at[4];
};

// `count` elements from `first` on. Null views have none.
template <typename T>
class Global {
public:
    using Element = std::remove_const_t<T>;

    Global() = default;
    Global(T* first, int64_t count) : first_(first), count_(first == nullptr ? 0 : count) {}

    operator Global<const T>() const requires(!std::is_const_v<T>) { return {first_, count_}; }

    explicit operator bool() const { return first_ != nullptr; }
    T* data() const { return first_; }
    int64_t count() const { return count_; }

    // The view from element i on.
    Global from(int64_t i, Place at = Place::current()) const
    {
        if (i < 0 || i > count_)
            emulation::machine.fault("steps out of global memory: to element " + std::to_string(i) + " of " + std::to_string(count_), at);
        return {first_ + i, count_ - i};
    }

    Element get(int64_t i, Place at = Place::current()) const
    {
        check(i, 1, "reads", at);
        note_read(i, 1, at);
        return *stored(i);
    }

    void put(int64_t i, Element value, Place at = Place::current()) const requires(!std::is_const_v<T>)
    {
        check(i, 1, "writes", at);
        if (emulation::machine.watches_memory)
            emulation::machine.global().write(first_ + i, at);
        *stored(i) = value;
    }

    Four<Element> get4(int64_t i, Place at = Place::current()) const
    {
        check(i, 4, "reads", at);
        note_read(i, 4, at);
        Four<Element> value;
        std::memcpy(&value, stored(i), sizeof value);
        return value;
    }

    void put4(int64_t i, Four<Element> value, Place at = Place::current()) const requires(!std::is_const_v<T>)
    {
        check(i, 4, "writes", at);
        for (int64_t j = 0; emulation::machine.watches_memory && j < 4; j++)
            emulation::machine.global().write(first_ + i + j, at);
        std::memcpy(stored(i), &value, sizeof value);
    }

    // Where the emulation keeps element i, which has been checked.
    T* stored(int64_t i) const { return emulation::device_space.stored(first_ + i); }

    // Bounds, whose memory it is, and the alignment that an access of so many bytes needs.
    void check(int64_t i, int64_t elements, const char* what, Place at) const
    {
        check(i, elements, elements > 1 ? static_cast<size_t>(elements) * sizeof(T) : alignof(T), what, at);
    }

    void check(int64_t i, int64_t elements, size_t unit, const char* what, Place at) const
    {
        if (i < 0 || elements > count_ - i)
            emulation::machine.fault(std::string("out of bounds: ") + what + " " + std::to_string(elements) + " elements of global memory at " +
                std::to_string(i) + " of " + std::to_string(count_), at);
        if (!emulation::device_space.holds(first_ + i, elements * static_cast<int64_t>(sizeof(T))))
            emulation::machine.fault(std::string("memory of the host: ") + what + " " + std::to_string(elements) + " elements at " + std::to_string(i) +
                " of a view that is not of the device's memory", at);
        if (reinterpret_cast<uintptr_t>(first_ + i) % unit != 0)
            emulation::machine.fault(std::string("misaligned: ") + what + " " + std::to_string(unit) + " bytes of global memory at once, at element " +
                std::to_string(i), at);
    }

    void note_read(int64_t i, int64_t elements, Place at) const
    {
        if constexpr (!std::is_const_v<T>)
            for (int64_t j = 0; emulation::machine.watches_memory && j < elements; j++)
                emulation::machine.global().read(first_ + i + j, at);
    }

private:
    T* first_ = nullptr;
    int64_t count_ = 0;
};

// `count` elements of the block's shared memory.
template <typename T>
class Shared {
public:
    Shared() = default;
    Shared(int64_t offset, int64_t count) : offset_(offset), count_(count) {}

    int64_t count() const { return count_; }

    Shared from(int64_t i, Place at = Place::current()) const
    {
        if (i < 0 || i > count_)
            emulation::machine.fault("steps out of its shared memory: to element " + std::to_string(i) + " of " + std::to_string(count_), at);
        return {offset_ + i * size, count_ - i};
    }

    T get(int64_t i, Place at = Place::current()) const
    {
        note_read(place(i, 1, "reads", at), size, at);
        return load<T>(i);
    }

    void put(int64_t i, T value, Place at = Place::current()) const
    {
        note_write(place(i, 1, "writes", at), size, at);
        std::memcpy(emulation::machine.shared().at(offset_ + i * size), &value, sizeof value);
    }

    Four<T> get4(int64_t i, Place at = Place::current()) const
    {
        note_read(place(i, 4, "reads", at), 4 * size, at);
        return load<Four<T>>(i);
    }

    void put4(int64_t i, Four<T> value, Place at = Place::current()) const
    {
        note_write(place(i, 4, "writes", at), 4 * size, at);
        std::memcpy(emulation::machine.shared().at(offset_ + i * size), &value, sizeof value);
    }

    // Byte offset of an access to so many elements at once, whose bounds and alignment hold.
    int64_t place(int64_t i, int64_t elements, const char* what, Place at) const
    {
        if (i < 0 || elements > count_ - i)
            emulation::machine.fault(std::string("out of bounds: ") + what + " " + std::to_string(elements) + " elements of shared memory at " +
                std::to_string(i) + " of " + std::to_string(count_), at);
        const int64_t offset = offset_ + i * size;
        if (offset % (elements * size) != 0)
            emulation::machine.fault(std::string("misaligned: ") + what + " " + std::to_string(elements * size) + " bytes of shared memory at once, at byte " +
                std::to_string(offset), at);
        return offset;
    }

private:
    static constexpr int64_t size = sizeof(T);
    static_assert(size % emulation::SharedSpace::cell_bytes == 0);

    static void note_read(int64_t offset, int64_t bytes, Place at)
    {
        if (emulation::machine.watches_memory)
            emulation::machine.shared().read(offset, bytes, at);
    }

    static void note_write(int64_t offset, int64_t bytes, Place at)
    {
        if (emulation::machine.watches_memory)
            emulation::machine.shared().write(offset, bytes, at);
    }

    template <typename Value>
    Value load(int64_t i) const
    {
        Value value;
        std::memcpy(&value, emulation::machine.shared().at(offset_ + i * size), sizeof value);
        return value;
    }

    int64_t offset_ = 0, count_ = 0;
};

// Hands out the block's shared memory piece by piece, each on 16 bytes, in the same order in every thread.
class SharedMemory {
public:
    template <typename T>
    Shared<T> take(int64_t count, Place at = Place::current())
    {
        const int64_t offset = used_;
        used_ += (count * static_cast<int64_t>(sizeof(T)) + 15) / 16 * 16;
        if (used_ > emulation::machine.shared().bytes())
            emulation::machine.fault("takes " + std::to_string(used_) + " bytes of shared memory, was launched with " +
                std::to_string(emulation::machine.shared().bytes()), at);
        return {offset, count};
    }

private:
    int64_t used_ = 0;
};

}  // namespace seal::cuda
