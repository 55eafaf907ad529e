// Page-locked memory, which the device reads while the host goes on.
#pragma once

#include "runtime.hpp"

namespace seal::cuda {

// Memory of the host from which copies leave while it goes on. It must not be written again before `wait` returned.
class SendingMemory {
public:
    explicit SendingMemory(int64_t bytes)
    {
        check_cuda(cudaEventCreateWithFlags(&sent_, cudaEventDisableTiming), "making an event");
        const cudaError_t error = cudaMallocHost(&memory_, static_cast<size_t>(bytes));
        if (error != cudaSuccess) {
            cudaGetLastError();  // takes it off the thread, or the next launch would be blamed
            cudaEventDestroy(sent_);
            check_cuda(error, "page-locked memory");
        }
    }

    // The driver may be gone already; otherwise it waits for the last copy.
    ~SendingMemory()
    {
        cudaEventSynchronize(sent_);
        cudaFreeHost(memory_);
        cudaEventDestroy(sent_);
    }

    SendingMemory(const SendingMemory&) = delete;
    SendingMemory& operator=(const SendingMemory&) = delete;

    std::byte* data() { return static_cast<std::byte*>(memory_); }

    // In the order of the launches.
    void send(void* target, const std::byte* source, int64_t bytes)
    {
        check_cuda(cudaMemcpyAsync(target, source, static_cast<size_t>(bytes), cudaMemcpyHostToDevice, nullptr), "a copy to the device");
        check_cuda(cudaEventRecord(sent_, nullptr), "an event behind a copy");
    }

    void wait() { check_cuda(cudaEventSynchronize(sent_), "waiting for a copy"); }

private:
    void* memory_ = nullptr;
    cudaEvent_t sent_ = nullptr;
};

}  // namespace seal::cuda
