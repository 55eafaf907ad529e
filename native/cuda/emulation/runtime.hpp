// The CUDA runtime's part in the emulation: everything is done when its call returns.
#pragma once

#include "../recorded_launch.hpp"

#include <cstddef>
#include <vector>

namespace seal::cuda {

inline void* allocate_memory(int64_t bytes) { return emulation::device_space.allocate(bytes); }
inline void free_memory(void* memory) { emulation::device_space.free(memory); }
inline void copy_to_device(void* target, const void* source, int64_t bytes) { emulation::device_space.write(target, source, bytes); }
inline void copy_to_host(void* target, const void* source, int64_t bytes) { emulation::device_space.read(source, target, bytes); }
inline void clear_memory(void* memory, int64_t bytes) { emulation::device_space.clear(memory, bytes); }
inline void synchronize() {}

template <typename Body>
void run_blocks(const char* name, Grid grid, int64_t shared_bytes, const Body& body)
{
    const auto narrow_size = [](int64_t n) { return n < 0 || n > 0x7fffffff ? 0u : static_cast<uint32_t>(n); };
    emulation::machine.run(name, {narrow_size(grid.x), narrow_size(grid.y), narrow_size(grid.z)}, {block_threads, 1, 1}, shared_bytes, body);
}

template <typename Kernel>
void launch_kernel(const char* name, Grid grid, int64_t shared_bytes, const Kernel& kernel)
{
    run_blocks(name, grid, shared_bytes, [&] { eager_kernel(kernel); });
}

using RecordedLaunch = LaunchOf<void (*)(const void*)>;

template <typename Kernel>
RecordedLaunch recorded_launch(const char* name, Grid grid, int64_t shared_bytes, const void* arguments)
{
    return {name, &recorded_kernel<Kernel>, grid, shared_bytes, arguments};
}

inline void launch_recorded(const RecordedLaunch& launch)
{
    run_blocks(launch.name, launch.grid, launch.shared_bytes, [&] { launch.entry(launch.arguments); });
}

// Recorded launches one after the other.
class Graph {
public:
    explicit Graph(const std::vector<RecordedLaunch>& launches) : launches_(launches) {}

    // Launch i gets this grid from now on.
    void resize(size_t i, Grid grid) { launches_[i].grid = grid; }

    void run() const
    {
        for (const RecordedLaunch& launch : launches_)
            launch_recorded(launch);
    }

private:
    std::vector<RecordedLaunch> launches_;
};

// Memory of the host from which copies leave while it goes on. It must not be written again before `wait` returned.
class SendingMemory {
public:
    explicit SendingMemory(int64_t bytes) : bytes_(static_cast<size_t>(bytes)) {}

    std::byte* data() { return bytes_.data(); }
    void send(void* target, const std::byte* source, int64_t bytes) { copy_to_device(target, source, bytes); }
    void wait() {}

private:
    std::vector<std::byte> bytes_;
};

}  // namespace seal::cuda
