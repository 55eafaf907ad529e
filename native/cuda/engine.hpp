// What outlives one call on a GPU, and how an exported function gets from the caller's pointers to a kernel's views.
#pragma once

#include "dtype.hpp"
#include "plan_tables.hpp"
#include "seal.h"
#include "shape.hpp"
#include "status.hpp"
#include "step_recorder.hpp"

#include <algorithm>
#include <string>

namespace seal::cuda {

// Memory for the length of one call, handed out piece by piece; after the first step of a size nothing is allocated.
class Scratch {
public:
    // A call begins: everything handed out before is free. Launches run in the order of the calls, recorded ones too.
    void begin()
    {
        if (blocks_.size() > 1) {
            const int64_t all = capacity();
            blocks_.clear();
            blocks_.push_back(std::make_unique<DeviceMemory>(all));
        }
        used_ = 0;
    }

    template <typename T>
    Global<T> take(int64_t count)
    {
        const int64_t bytes = (count * static_cast<int64_t>(sizeof(T)) + 255) / 256 * 256;
        if (blocks_.empty() || used_ + bytes > blocks_.back()->bytes()) {
            blocks_.push_back(std::make_unique<DeviceMemory>(std::max<int64_t>(bytes, 1 << 16)));
            used_ = 0;
        }
        T* piece = reinterpret_cast<T*>(blocks_.back()->data() + used_);
        used_ += bytes;
        return {piece, count};
    }

    int64_t capacity() const
    {
        int64_t all = 0;
        for (const auto& block : blocks_)
            all += block->bytes();
        return all;
    }

private:
    std::vector<std::unique_ptr<DeviceMemory>> blocks_;
    int64_t used_ = 0;
};

// Where the tables of a call go: with the step that is being recorded, or to the device at once.
class Tables {
public:
    explicit Tables(StepRecorder& steps) : steps_(steps) {}

    template <typename T>
    Global<const T> of(const T* table, int64_t count)
    {
        return steps_.recording() ? steps_.tables().of(table, count) : at_once_.of(table, count);
    }

    template <typename T>
    Global<const T> of(const std::vector<T>& table)
    {
        return steps_.recording() ? steps_.tables().of(table) : at_once_.of(table);
    }

private:
    StepRecorder& steps_;
    PlanTables at_once_;
};

// The caller's memory as a view of so many elements.
template <typename T>
Global<const T> in(const void* memory, int64_t count)
{
    return {static_cast<const T*>(memory), count};
}

template <typename T>
Global<T> out(void* memory, int64_t count)
{
    return {static_cast<T*>(memory), count};
}

// Whether accesses of `bytes` at once fit the start of every view. Null views fit.
template <typename... T>
bool aligned(int64_t bytes, const Global<T>&... views)
{
    return ((reinterpret_cast<uintptr_t>(views.data()) % static_cast<uintptr_t>(bytes) == 0) && ...);
}

// body(element of the type) once, with float or Bf16.
template <typename Body>
void with_type(SealDType type, Body&& body)
{
    if (activation_type(type) == SEAL_F32)
        body(float{});
    else
        body(Bf16{});
}

inline int64_t divided_up(int64_t n, int64_t by)
{
    return (n + by - 1) / by;
}

}  // namespace seal::cuda

struct SealEngine {
    seal::cuda::Scratch scratch;
    seal::cuda::StepRecorder steps;
    seal::cuda::Tables tables{steps};
    int64_t launches = 0;
    bool watches_memory = true;  // of the emulation: see its machine

    template <typename Kernel>
    void launch(const char* name, seal::cuda::Grid grid, int64_t shared_bytes, const Kernel& kernel)
    {
        if (steps.recording()) {
            steps.record(name, grid, shared_bytes, kernel);
            return;
        }
        launches++;
        watch();
        seal::cuda::launch_kernel(name, grid, shared_bytes, kernel);
    }

    void end_step()
    {
        watch();
        launches += steps.end();
    }

    // For functions that need what was asked for before.
    void refuse_in_step(const char* function) const
    {
        if (steps.recording())
            throw seal::Error(SEAL_BAD_ARGUMENT, std::string(function) + " waits for what the recorded step has yet to compute: end the step before");
    }

private:
    void watch() const
    {
#if defined(SEAL_CUDA_EMULATION)
        seal::emulation::machine.watches_memory = watches_memory;
#endif
    }
};

// A frozen matrix [rows = out, columns = in], row-major as it came: mma and plain multiply-adds read it either way.
struct SealWeight {
    SealDType type;
    int32_t rows, columns;
    seal::cuda::DeviceMemory memory;

    template <typename T>
    seal::cuda::Global<const T> values() const
    {
        return seal::cuda::in<T>(memory.data(), int64_t{rows} * columns);
    }
};

// The factors of many adapters in the type that products read, at the same elements as in the f32 parameters.
struct SealAdapters {
    SealDType type;
    int64_t parameters;
    std::vector<SealFactorShape> factors;
    seal::cuda::DeviceMemory working;

    template <typename T>
    seal::cuda::Global<T> values() const
    {
        return seal::cuda::out<T>(working.data(), parameters);
    }
};

namespace seal::cuda {

// The weight by its parameter's name, of this type.
inline const SealWeight& usable_weight(SealDType type, const SealWeight* weight, const char* name)
{
    const SealWeight& w = required(weight, name);
    if (w.type != type)
        throw Error(SEAL_BAD_ARGUMENT, std::string(name) + " was made for type " + std::to_string(w.type) + ", not for type " + std::to_string(type));
    return w;
}

}  // namespace seal::cuda
