#include "engine.hpp"
#include "status.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

namespace seal {

namespace {

// The best of many counts: what disturbs only slows down, and what a program does while it starts lasts some tens of milliseconds.
constexpr int repetitions = 40, sweeps = 5;
constexpr int64_t rounds = 1 << 20;                   // some 4 ms
constexpr int64_t floats_a_thread = int64_t{1} << 26;  // 256 MiB: no cache holds it

template <typename Body>
double seconds(Body&& body)
{
    const auto start = std::chrono::steady_clock::now();
    body();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double peak_gflops(SealEngine& e, SealDType type)
{
    double best = 0;
    std::vector<float> results(static_cast<size_t>(e.pool.threads()));
    std::vector<int64_t> flops(results.size());
    for (int i = 0; i < repetitions; i++) {
        const double time = seconds([&] {
            e.pool.parallel_for(e.pool.threads(), [&](int64_t thread) {
                const auto t = static_cast<size_t>(thread);
                flops[t] = e.kernels.peak_flops(type, rounds, &results[t]);
            });
        });
        int64_t all = 0;
        for (int64_t each : flops)
            all += each;
        best = std::max(best, static_cast<double>(all) / time / 1e9);
    }
    return best;
}

double dram_gbps(SealEngine& e)
{
    const int64_t threads = e.pool.threads();
    Scratch memory;
    auto* x = reinterpret_cast<float*>(memory.block(threads * floats_a_thread * 4));
    std::vector<float> results(static_cast<size_t>(threads));
    e.pool.parallel_for(threads, [&](int64_t thread) { std::fill_n(x + thread * floats_a_thread, floats_a_thread, 1.0f); });
    double best = 0;
    for (int i = 0; i < sweeps; i++) {
        const double time = seconds([&] {
            e.pool.parallel_for(threads, [&](int64_t thread) {
                results[static_cast<size_t>(thread)] = e.kernels.read_all(x + thread * floats_a_thread, floats_a_thread);
            });
        });
        best = std::max(best, static_cast<double>(threads * floats_a_thread * 4) / time / 1e9);
    }
    return best;
}

}  // namespace

}  // namespace seal

SealStatus seal_machine_peaks(SealEngine* engine, SealMachinePeaks* peaks) noexcept
{
    return seal::guarded([&] {
        SealEngine& e = seal::required(engine, "engine");
        SealMachinePeaks& result = seal::required(peaks, "peaks");
        result = {};
        // Twice, before the memory and after it: threads that were started a moment ago may share a core until the system has moved one.
        for (int i = 0; i < 2; i++) {
            result.fma_f32_gflops = std::max(result.fma_f32_gflops, seal::peak_gflops(e, SEAL_F32));
            if (e.isa == SEAL_ISA_AVX512_BF16)
                result.dot_bf16_gflops = std::max(result.dot_bf16_gflops, seal::peak_gflops(e, SEAL_BF16));
            result.dram_gbps = std::max(result.dram_gbps, seal::dram_gbps(e));
        }
    });
}
